import { withBatch, type Graph, type TensorId } from '../../../core/graph/graph';
import { runNaive } from '../naive-float';

/** Repeatable values in [-1, 1) for tests (a linear congruential generator, Numerical Recipes' constants). */
export function testValues(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function testInputs(graph: Graph, batch: number, seed = 1): Map<TensorId, Float32Array> {
  return new Map(
    graph.inputs.map((id, i) => {
      const shape = withBatch(graph.tensors.get(id)!.shape, batch);
      return [
        id,
        testValues(
          shape.reduce((n, d) => n * d, 1),
          seed + i,
        ),
      ];
    }),
  );
}

/** Largest difference between the outputs of two graphs on the same inputs, relative to the largest output value. */
export function outputDifference(a: Graph, b: Graph, batch = 2, seed = 1): number {
  const inputs = testInputs(a, batch, seed);
  const [x, y] = [runNaive(a, inputs, batch), runNaive(b, inputs, batch)];
  let difference = 0;
  let largest = Number.MIN_VALUE;
  for (const id of a.outputs) {
    const [left, right] = [x.get(id)!, y.get(id)!];
    if (left.shape.join() !== right.shape.join()) return Infinity;
    left.data.forEach((v, i) => {
      difference = Math.max(difference, Math.abs(v - right.data[i]));
      largest = Math.max(largest, Math.abs(v));
    });
  }
  return difference / largest;
}
