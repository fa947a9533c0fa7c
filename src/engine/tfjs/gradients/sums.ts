/** Broadcasting and its adjoint, one axis at a time, each a single pass over memory. */
import { broadcastTo, mul, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';
import { emptyTensor, offsetOf, onWasm } from '../heap';
import { gradientKernels } from './kernel/kernel';

const product = (dimensions: readonly number[]) => dimensions.reduce((n, d) => n * d, 1);

/** Σ over one axis, which stays with length 1. */
function sumAxis(x: Tensor, axis: number): Tensor {
  const shape = x.shape.map((d, i) => (i === axis ? 1 : d));
  const columns = product(x.shape.slice(axis + 1));
  if (columns === 1 || !onWasm()) return reshape(sum(x, axis), shape);
  const out = emptyTensor(shape);
  const planes = product(x.shape.slice(0, axis));
  gradientKernels().columnSums(offsetOf(x), planes, x.shape[axis], columns, offsetOf(out));
  return out;
}

/** Sums what broadcasting repeated, so that the result has the shape of the operand. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const aligned = [...x.shape.slice(shape.length).map(() => 1), ...shape];
  let result = x;
  // Leading axes together are one axis.
  const leading = aligned.findIndex((d, i) => d !== 1 || x.shape[i] === 1);
  const merged = leading === -1 ? aligned.length : leading;
  if (merged > 1) {
    const rest = x.shape.slice(merged);
    result = reshape(sumAxis(reshape(x, [product(x.shape.slice(0, merged)), ...rest]), 0), [
      ...aligned.slice(0, merged),
      ...rest,
    ]);
  }
  aligned.forEach((d, axis) => {
    if (d === 1 && result.shape[axis] !== 1) result = sumAxis(result, axis);
  });
  return result.shape.length === shape.length ? result : reshape(result, [...shape]);
}

/** Repeats x, whose dimensions are those of `shape` or 1, and multiplies by `factor`. */
export function repeatTo(x: Tensor, shape: readonly number[], factor = 1): Tensor {
  if (!onWasm()) return mul(broadcastTo(x, [...shape]), factor);
  const axes = shape.flatMap((d, i) => (d !== x.shape[i] ? [i] : []));
  let result = x;
  let left = factor;
  for (const axis of axes.length > 0 ? axes : [0]) {
    const grown = result.shape.map((d, i) => (i === axis ? shape[i] : d));
    const out = emptyTensor(grown);
    const planes = product(grown.slice(0, axis));
    const rows = shape[axis] / result.shape[axis];
    const columns = product(result.shape.slice(axis + 1)) * result.shape[axis];
    gradientKernels().repeatRows(offsetOf(result), planes, rows, columns, left, offsetOf(out));
    result = out;
    left = 1;
  }
  return result;
}
