/** The states that stateful layers are in amid a sequence, so that they are calibrated and judged by more than zeros. */
import { batchSizeFor, chunks, readBatch, zeroStates, type SampleReader } from '../session/samples';
import type { Session } from '../session/session';

/** Samples whose states are kept. */
const SAMPLES = 32;
/** Pieces of a sequence after which a state is taken. */
const PIECES = 3;

/** Zeros, and what the float model leaves behind after each of a few pieces; none where it keeps no state. */
export async function recurrentStates(
  session: Session,
  reader: SampleReader,
  calibration: Uint32Array,
): Promise<Float32Array[]> {
  const { graph, view } = session.computableModel;
  const { states = [] } = graph.provenance;
  const found = zeroStates(graph);
  if (states.length === 0 || view.alreadyQuantized) return found;
  const engine = await session.float();
  const outputs = states.map(({ output }) => output);
  for (const part of chunks(calibration.subarray(0, SAMPLES), batchSizeFor(graph))) {
    const batch = await readBatch(reader, graph, part);
    const inputs = new Map(batch.inputs);
    for (let piece = 0; piece < PIECES; piece++) {
      const results = await engine.run({ ...batch, inputs }, outputs);
      for (const { input, output } of states) inputs.set(input, results.get(output)!.data as Float32Array);
      for (let i = 0; i < part.length; i++)
        found.push(Float32Array.from(states.flatMap(({ input }) => rowOf(inputs.get(input)!, i, part.length))));
    }
  }
  return found;
}

function rowOf(values: ArrayLike<number>, row: number, rows: number): number[] {
  const width = values.length / rows;
  return Array.from({ length: width }, (_, i) => values[row * width + i]);
}
