import { transposedCrop } from '../../../core/graph/spatial';
import type { Kernel } from '../kernel';
import { codes, required } from '../kernel';
import { weightedOf } from './weights';

/** Scatters each input pixel, weighted, over the outputs it reaches: the transpose of gathering them. */
export const transposeConv2d: Kernel<'transposeConv2d'> = (op, tensors, profile) => {
  const { weights, shape, bias, input, requantize } = weightedOf(op, tensors, profile, 0);
  const [channels, filterHeight, filterWidth, depth] = shape;
  const { strides, padding } = op.attrs;

  return (inputs, [out]) => {
    const [batch, inHeight, inWidth] = required(inputs, 0).shape;
    const source = codes(inputs, 0);
    const [, outHeight, outWidth] = out.shape;
    const [top] = transposedCrop(inHeight, outHeight, filterHeight, strides[0], padding);
    const [left] = transposedCrop(inWidth, outWidth, filterWidth, strides[1], padding);
    const sums = new Int32Array(outHeight * outWidth * channels);
    for (let n = 0; n < batch; n++) {
      for (let p = 0; p < sums.length; p += channels) sums.set(bias, p);
      for (let y = 0; y < inHeight; y++)
        for (let x = 0; x < inWidth; x++) {
          const from = ((n * inHeight + y) * inWidth + x) * depth;
          for (let fy = 0; fy < filterHeight; fy++) {
            const outY = y * strides[0] - top + fy;
            if (outY < 0 || outY >= outHeight) continue;
            for (let fx = 0; fx < filterWidth; fx++) {
              const outX = x * strides[1] - left + fx;
              if (outX < 0 || outX >= outWidth) continue;
              const to = (outY * outWidth + outX) * channels;
              for (let o = 0; o < channels; o++) {
                const w = ((o * filterHeight + fy) * filterWidth + fx) * depth;
                let sum = 0;
                for (let i = 0; i < depth; i++)
                  sum = (sum + Math.imul(source[from + i] - input.zeroPoint, weights[w + i])) | 0;
                sums[to + o] += sum;
              }
            }
          }
        }
      const offset = n * sums.length;
      for (let p = 0; p < sums.length; p += channels)
        requantize(sums.subarray(p, p + channels), out.data as Int8Array, offset + p);
    }
  };
};
