/** What batch normalization is made of: statistics of the last axis' channels, and affine functions of each. */
import { add, clipByValue, mean, mul, reshape, sub, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { emptyTensor, offsetOf, onWasm } from '../heap';
import { gradientKernels } from './kernel/kernel';

function extent(x: Tensor): { rows: number; columns: number } {
  const columns = x.shape.at(-1)!;
  return { rows: x.size / columns, columns };
}

/** Mean of each channel. */
export function columnMeans(x: Tensor): Tensor {
  const { rows, columns } = extent(x);
  return tidy(() => {
    if (!onWasm()) return mean(reshape(x, [rows, columns]), 0);
    const sums = emptyTensor([columns]);
    gradientKernels().columnSums(offsetOf(x), 1, rows, columns, offsetOf(sums));
    return mul(sums, 1 / rows);
  });
}

/** Mean of (x − a)·(y − b) for each channel, with a and b by channel. */
export function columnProducts(x: Tensor, a: Tensor, y: Tensor, b: Tensor): Tensor {
  const { rows, columns } = extent(x);
  return tidy(() => {
    if (!onWasm()) return mean(reshape(mul(sub(x, a), sub(y, b)), [rows, columns]), 0);
    const sums = emptyTensor([columns]);
    const arrays = [x, a, y, b].map(offsetOf) as [number, number, number, number];
    gradientKernels().columnProducts(...arrays, rows, columns, offsetOf(sums));
    return mul(sums, 1 / rows);
  });
}

/** a·x + b·y + d, by channel, clamped to [floor, ceil]. */
export function columnAffine(
  [a, x]: readonly [Tensor, Tensor],
  [b, y]: readonly [Tensor, Tensor],
  d: Tensor,
  [floor, ceil]: readonly [number, number] = [-Infinity, Infinity],
): Tensor {
  if (onWasm()) {
    const { rows, columns } = extent(x);
    const out = emptyTensor(x.shape);
    const arrays = [x, a, y, b, d].map(offsetOf) as [number, number, number, number, number];
    gradientKernels().columnAffine(...arrays, rows, columns, floor, ceil, offsetOf(out));
    return out;
  }
  return tidy(() => {
    const value = add(add(mul(x, a), mul(y, b)), d);
    if (floor === -Infinity && ceil === Infinity) return value;
    return clipByValue(value, Math.max(floor, -3e38), Math.min(ceil, 3e38));
  });
}
