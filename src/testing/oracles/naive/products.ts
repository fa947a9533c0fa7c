/** Products of matrices, and the error function by its series: nothing the engines could share. */
import type { Op } from '../../../core/graph/ops/attrs';
import { at, fill, sum, type NaiveTensor } from './array';

export function batchMatMul(
  { attrs }: Op<'batchMatMul'>,
  x: NaiveTensor,
  y: NaiveTensor,
  shape: number[],
): NaiveTensor {
  const depth = x.shape.at(attrs.transposeX ? -2 : -1)!;
  /** Element [row, column] of the matrix of `from` that belongs to a batch index of the result. */
  const element = (from: NaiveTensor, batch: readonly number[], row: number, column: number, swapped: boolean) => {
    const leading = from.shape.length - 2;
    const own = batch.slice(batch.length - leading).map((i, axis) => (from.shape[axis] === 1 ? 0 : i));
    return at(from, [...own, ...(swapped ? [column, row] : [row, column])]);
  };
  return fill(shape, (index) => {
    const batch = index.slice(0, -2);
    const [row, column] = index.slice(-2) as [number, number];
    return sum(
      depth,
      (k) => element(x, batch, row, k, attrs.transposeX) * element(y, batch, k, column, attrs.transposeY),
    );
  });
}

/** erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms are all of one sign. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, total] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

export function gelu(v: number, { attrs }: Op<'gelu'>): number {
  if (!attrs.approximate) return (v / 2) * (1 + erf(v / Math.SQRT2));
  return (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
}
