import { judge, rowsApart, rowsOf } from './judging';
import { batchSizeFor, chunks, readBatch } from './samples';
import type { Session } from './session';

/** Outputs larger than this (segmentation maps) are computed again rather than kept. */
export const KEPT_OUTPUT_ELEMENTS = 4096;

/** Keeps the judged row of each sample of a batch, where it is small enough to be worth it. */
export function keepFloatOutputs(session: Session, indices: Uint32Array, values: Float32Array): void {
  const size = values.length / indices.length;
  if (size > KEPT_OUTPUT_ELEMENTS) return;
  for (let i = 0; i < indices.length; i++) session.floatOutputs.set(indices[i], values.slice(i * size, (i + 1) * size));
}

/** The float model's judged row for each of `indices`, from memory where it is there. */
export async function floatOutputsOf(
  session: Session,
  indices: Uint32Array,
  step: (units: number) => Promise<void>,
): Promise<(position: number) => Float32Array> {
  const { graph } = session.quantizableModel;
  const { tensors } = (await judge(session)).outputs;
  const missing = indices.filter((index) => !session.floatOutputs.has(index));
  const computed = new Map<number, Float32Array>();
  const engine = missing.length > 0 ? await session.float() : null;
  for (const part of chunks(missing, batchSizeFor(graph))) {
    const batch = await readBatch(session.data.reader, graph, part);
    const values = rowsOf(await engine!.run(batch, tensors), tensors, part.length);
    keepFloatOutputs(session, part, values);
    rowsApart(values, part.length).forEach((row, i) => computed.set(part[i], row.slice()));
    await step(part.length);
  }
  if (missing.length < indices.length) await step(indices.length - missing.length);
  return (position) => session.floatOutputs.get(indices[position]) ?? computed.get(indices[position])!;
}
