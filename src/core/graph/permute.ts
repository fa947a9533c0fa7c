/** Moving the dimensions of row-major arrays. */
import type { Shape, TensorData } from './graph';
import { stridesOf } from './broadcast';

/** The permutation that undoes one. */
export function inversePermutation(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((from, to) => (inverse[from] = to));
  return inverse;
}

/** Dimension i of the result is dimension permutation[i] of `shape`. */
export function permutedShape(shape: Shape, permutation: readonly number[]): number[] {
  return permutation.map((axis) => shape[axis]);
}

/** The values of an array of `shape` in the order of its permuted dimensions. The very array where nothing moves. */
export function permutedData<T extends TensorData | Uint16Array | Float64Array>(
  data: T,
  shape: Shape,
  permutation: readonly number[],
): T {
  if (movesNothing(shape, permutation)) return data;
  const strides = stridesOf(shape);
  const steps = permutation.map((axis) => strides[axis]);
  const extent = permutedShape(shape, permutation);
  const result = data.slice() as T;
  const last = extent.length - 1;
  const index = extent.map(() => 0);
  let source = 0;
  for (let at = 0; at < result.length;) {
    for (let i = 0; i < extent[last]; i++) result[at++] = data[source + i * steps[last]];
    for (let axis = last - 1; axis >= 0; axis--) {
      source += steps[axis];
      if (++index[axis] < extent[axis]) break;
      source -= extent[axis] * steps[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** Whether only dimensions of size 1 change their place, so that the values keep their order. */
export function movesNothing(shape: Shape, permutation: readonly number[]): boolean {
  const kept = permutation.filter((axis) => shape[axis] !== 1);
  return kept.every((axis, i) => i === 0 || kept[i - 1] < axis);
}
