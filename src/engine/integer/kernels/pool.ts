import type { Op } from '../../../core/graph/ops/attrs';
import { padLengths } from '../../../core/graph/spatial';
import { affineOf, codes, required, type Kernel, type Run } from '../kernel';
import type { CodeRange } from '../profile';

type Reduce = (
  source: Int8Array,
  rowAt: number,
  rowStride: number,
  rows: number,
  columns: number,
  depth: number,
) => number;

/** Windows clipped to the image: padding counts for nothing. `rowAt` is the first element of the channel in the window. */
function pool(op: Op<'averagePool2d' | 'maxPool2d'>, range: CodeRange, reduce: Reduce): Run {
  const { filter, strides, padding } = op.attrs;
  return (inputs, [out]) => {
    const [batch, inHeight, inWidth, depth] = required(inputs, 0).shape;
    const source = codes(inputs, 0);
    const target = out.data as Int8Array;
    const [, outHeight, outWidth] = out.shape;
    const [above] = padLengths(inHeight, filter[0], strides[0], 1, padding);
    const [left] = padLengths(inWidth, filter[1], strides[1], 1, padding);
    let to = 0;
    for (let n = 0; n < batch; n++)
      for (let y = 0; y < outHeight; y++) {
        const top = Math.max(0, y * strides[0] - above);
        const rows = Math.min(inHeight, y * strides[0] - above + filter[0]) - top;
        for (let x = 0; x < outWidth; x++) {
          const start = Math.max(0, x * strides[1] - left);
          const columns = Math.min(inWidth, x * strides[1] - left + filter[1]) - start;
          const at = ((n * inHeight + top) * inWidth + start) * depth;
          for (let c = 0; c < depth; c++) {
            const code = reduce(source, at + c, inWidth * depth, rows, columns, depth);
            target[to++] = code < range.min ? range.min : code > range.max ? range.max : code;
          }
        }
      }
  };
}

export const averagePool2d: Kernel<'averagePool2d'> = (op, tensors, profile) => {
  const range = profile.activationRange(op, affineOf(tensors.outputs[0]));
  return pool(op, range, (source, at, rowStride, rows, columns, depth) => {
    let sum = 0;
    for (let y = 0; y < rows; y++) for (let x = 0; x < columns; x++) sum += source[at + y * rowStride + x * depth];
    return profile.averagePool(sum, rows * columns);
  });
};

export const maxPool2d: Kernel<'maxPool2d'> = (op, tensors, profile) => {
  const range = profile.activationRange(op, affineOf(tensors.outputs[0]));
  return pool(op, range, (source, at, rowStride, rows, columns, depth) => {
    let max = -128;
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const code = source[at + y * rowStride + x * depth];
        if (code > max) max = code;
      }
    return max;
  });
};
