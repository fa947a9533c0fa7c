/** Every tensor of an int8 file, element by element: the real runtime against the integer reference. */
import { writeTflite } from '../../core/model-formats/tflite/write';
import { tensorOf, type Graph, type TensorData, type TensorId } from '../../core/graph/graph';
import type { LiteRt } from '../litert/runtime';
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
  const exposed = [...new Set([...graph.outputs, ...computed])]; // the order in which the file lists them
  const model = runtime.load(writeTflite(graph, { exposeTensors: computed }));
  const counts = new Map<TensorId, { elements: number; mismatches: number; maxLsb: number }>();
  try {
    for await (const inputs of samples) {
      const outputs = model.run(inputs);
      const actual = new Map(exposed.map((id, i) => [id, outputs[i]]));
      const given = new Map<TensorId, TensorData>(graph.inputs.map((id, i) => [id, inputs[i]]));
      for (const id of feed === 'every-op' ? computed : reference.needs()) given.set(id, actual.get(id)!);
      for (const [id, { data }] of reference.run(given)) {
        if (tensorOf(graph, id).dtype === 'float32') continue; // exact by construction, and not counted in LSB
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
    model.dispose();
  }
  return [...counts].map(([tensor, row]) => ({ tensor, ...row }));
}
