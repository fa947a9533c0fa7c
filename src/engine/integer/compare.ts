/** Every tensor of an int8 file, element by element: the real runtime against the integer reference. */
import { tensorOf, type Graph, type TensorData, type TensorId } from '../../core/graph/graph';
import type { Op } from '../../core/graph/ops/attrs';
import type { LiteRt } from '../litert/runtime';
import { loadFile, partOf, type FileModel } from './file-model';
import { IntegerModel } from './model';
import type { Profile } from './profile';

export interface TensorComparison {
  readonly tensor: TensorId;
  readonly elements: number;
  readonly mismatches: number;
  /** Largest difference of two codes. */
  readonly maxLsb: number;
}

export interface CompareOptions {
  /**
   * 'islands': the reference computes from the inputs on, so that a difference shows in all that follows it.
   * 'every-op': each op of the reference gets the runtime's values, so that a difference shows where it arises.
   */
  readonly feed?: 'islands' | 'every-op';
}

/**
 * @param graph quantized, as {@link readTflite} or quantizeGraph gives it.
 * @param samples values of the graph's inputs in order, one sample at a time. A generator that awaits between samples
 * makes this cancellable: what it throws ends the comparison, and the runtime's model is freed.
 * @returns one row per integer tensor, in the order they are computed.
 * @throws RangefinderError 'runtime-failed' | 'unsupported-feature' | 'invalid-data'.
 */
export async function compareWithRuntime(
  graph: Graph,
  runtime: LiteRt,
  profile: Profile,
  samples: AsyncIterable<readonly TensorData[]> | Iterable<readonly TensorData[]>,
  { feed = 'islands' }: CompareOptions = {},
): Promise<TensorComparison[]> {
  const reference = IntegerModel.load(graph, profile);
  const computed = graph.ops.flatMap((op) => op.outputs);
  // The runtime that is compared with does not load these; the reference stands in, so that comparing says nothing.
  const remembered = new Set(graph.ops.flatMap((op) => (op.kind === 'lstm' ? op.outputs : [])));
  const actualOf = new ExposedModel(graph, runtime);
  const counts = new Map<TensorId, { elements: number; mismatches: number; maxLsb: number }>();
  try {
    for await (const inputs of samples) {
      const actual = actualOf.run(inputs);
      const given = new Map<TensorId, TensorData>(graph.inputs.map((id, i) => [id, inputs[i]]));
      for (const id of feed === 'every-op' ? computed : reference.needs()) given.set(id, actual.get(id)!);
      for (const [id, { data }] of reference.run(given)) {
        if (tensorOf(graph, id).dtype === 'float32' || remembered.has(id)) continue; // exact by construction, and not counted in LSB
        const row = counts.get(id) ?? { elements: 0, mismatches: 0, maxLsb: 0 };
        const expected = actual.get(id)!;
        for (let i = 0; i < data.length; i++) {
          const distance = Math.abs(Number(data[i]) - Number(expected[i]));
          if (distance !== 0) row.mismatches++;
          if (distance > row.maxLsb) row.maxLsb = distance;
        }
        row.elements += data.length;
        counts.set(id, row);
      }
    }
  } finally {
    actualOf.dispose();
  }
  return [...counts].map(([tensor, row]) => ({ tensor, ...row }));
}

/** Ops run as one file. The runtime's time grows with the square of the tensors that a file hands out. */
const SEGMENT = 256;

/** A file in the runtime with every tensor handed out, cut into segments that feed each other. */
class ExposedModel {
  private readonly segments: readonly Graph[];
  private readonly models: FileModel[] = [];

  constructor(
    private readonly graph: Graph,
    runtime: LiteRt,
  ) {
    this.segments = cut(graph);
    try {
      for (const part of this.segments) this.models.push(loadFile(runtime, part));
    } catch (thrown) {
      this.dispose();
      throw thrown;
    }
  }

  /** Every tensor that is computed for one sample. */
  run(inputs: readonly TensorData[]): Map<TensorId, TensorData> {
    const values = new Map<TensorId, TensorData>(this.graph.inputs.map((id, i) => [id, inputs[i]]));
    this.segments.forEach((part, i) => {
      const results = this.models[i].run(part.inputs.map((id) => values.get(id)!));
      part.outputs.forEach((id, k) => values.set(id, results[k]));
    });
    return values;
  }

  dispose(): void {
    for (const model of this.models) model.dispose();
  }
}

/** Consecutive ops as graphs of their own that hand out all they compute. LSTM operators stand alone. */
function cut(graph: Graph): Graph[] {
  const runs: Op[][] = [];
  for (const op of graph.ops) {
    const last = runs.at(-1);
    const joins = last !== undefined && last.length < SEGMENT && op.kind !== 'lstm' && last[0].kind !== 'lstm';
    if (joins) last.push(op);
    else runs.push([op]);
  }
  return runs.map((ops) => partOf(graph, ops));
}
