import { nearestTap } from '../../../core/graph/spatial';
import { codes, required, type Kernel } from '../kernel';

export const resizeBilinear: Kernel<'resizeBilinear'> =
  (op, _tensors, profile) =>
  (inputs, [out]) => {
    const [batch, inHeight, inWidth, depth] = required(inputs, 0).shape;
    const [, outHeight, outWidth] = out.shape;
    const source = codes(inputs, 0);
    const rows = profile.bilinearTaps(inHeight, outHeight, op.attrs);
    const columns = profile.bilinearTaps(inWidth, outWidth, op.attrs);
    let to = 0;
    for (let n = 0; n < batch; n++)
      for (let y = 0; y < outHeight; y++) {
        const top = (n * inHeight + rows.lower[y]) * inWidth;
        const bottom = (n * inHeight + rows.upper[y]) * inWidth;
        for (let x = 0; x < outWidth; x++) {
          const left = columns.lower[x];
          const right = columns.upper[x];
          for (let c = 0; c < depth; c++)
            out.data[to++] = profile.bilinear(
              source[(top + left) * depth + c],
              source[(top + right) * depth + c],
              source[(bottom + left) * depth + c],
              source[(bottom + right) * depth + c],
              columns.weight[x],
              rows.weight[y],
            );
        }
      }
  };

export const resizeNearest: Kernel<'resizeNearest'> =
  (op) =>
  (inputs, [out]) => {
    const [batch, inHeight, inWidth, depth] = required(inputs, 0).shape;
    const [, outHeight, outWidth] = out.shape;
    const source = codes(inputs, 0);
    const target = out.data as Int8Array;
    const rows = Array.from({ length: outHeight }, (_, i) => nearestTap(i, inHeight, outHeight, op.attrs));
    const columns = Array.from({ length: outWidth }, (_, i) => nearestTap(i, inWidth, outWidth, op.attrs));
    let to = 0;
    for (let n = 0; n < batch; n++)
      for (const row of rows)
        for (const column of columns) {
          const from = ((n * inHeight + row) * inWidth + column) * depth;
          target.set(source.subarray(from, from + depth), to);
          to += depth;
        }
  };
