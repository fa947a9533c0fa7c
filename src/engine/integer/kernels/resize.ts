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
    const rows = nearestIndices(inHeight, outHeight, op.attrs);
    const columns = nearestIndices(inWidth, outWidth, op.attrs);
    let to = 0;
    for (let n = 0; n < batch; n++)
      for (const row of rows)
        for (const column of columns) {
          const from = ((n * inHeight + row) * inWidth + column) * depth;
          target.set(source.subarray(from, from + depth), to);
          to += depth;
        }
  };

/** Source index of each output index, computed in float32 as TensorFlow does. */
function nearestIndices(
  input: number,
  output: number,
  { alignCorners, halfPixelCenters }: { alignCorners: boolean; halfPixelCenters: boolean },
): Int32Array {
  const f32 = Math.fround;
  const scale = alignCorners && output > 1 ? f32((input - 1) / (output - 1)) : f32(input / output);
  const offset = halfPixelCenters ? 0.5 : 0;
  return Int32Array.from({ length: output }, (_, i) => {
    const at = f32((i + offset) * scale);
    const nearest = alignCorners ? Math.floor(at + 0.5) : Math.floor(at);
    return Math.max(0, Math.min(nearest, input - 1));
  });
}
