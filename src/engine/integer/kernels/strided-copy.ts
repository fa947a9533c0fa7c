/** Moves elements between two regular lattices: transpose, slice, split, pad and concatenation are all this. */
import { elementCount, type TensorData } from '../../../core/graph/graph';

export interface Lattice {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** target[lattice point] = source[lattice point] for every index of `shape`. */
export function stridedCopy(
  source: TensorData,
  from: Lattice,
  target: TensorData,
  to: Lattice,
  shape: readonly number[],
): void {
  const last = shape.length - 1;
  const width = last < 0 ? 1 : shape[last];
  const rows = elementCount(shape.slice(0, Math.max(last, 0)));
  const stepFrom = from.strides[last] ?? 0;
  const stepTo = to.strides[last] ?? 0;
  const index = new Int32Array(Math.max(last, 0));
  for (let row = 0; row < rows; row++) {
    let p = from.offset;
    let q = to.offset;
    for (let d = 0; d < last; d++) {
      p += index[d] * from.strides[d];
      q += index[d] * to.strides[d];
    }
    if (stepFrom === 1 && stepTo === 1) (target as Int8Array).set((source as Int8Array).subarray(p, p + width), q);
    else for (let i = 0; i < width; i++, p += stepFrom, q += stepTo) target[q] = source[p];
    for (let d = last - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
}
