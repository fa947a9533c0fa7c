/**
 * Gradient of a depthwise convolution with respect to its filter,
 *
 *   dW[kh,kw,c,m] = Σ x[n, oh·s + kh − top, ow·s + kw − left, c] · dy[n,oh,ow,c·M + m]   over n, oh, ow
 *
 * A channel has as many products as dy has values times the taps, so little that plain loops over the heap beat the
 * slices, products and sums of tfjs, each of which is a pass over memory for each tap.
 */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { geometry, type ConvAttrs, type Geometry } from './convolve';

/** @param values reads a tensor's values, without a copy where that is possible */
export function depthwiseFilterGradient(
  x: Tensor,
  dy: Tensor,
  filterShape: readonly number[],
  attrs: ConvAttrs,
  values: (tensor: Tensor) => Float32Array,
): Tensor {
  const sizes = geometry(x.shape, filterShape, attrs, true);
  const [kh, kw, depth, multiplier] = filterShape as [number, number, number, number];
  const gradient = new Float32Array(kh * kw * depth * multiplier);
  const [xs, dys] = [values(x), values(dy)];
  const sums = new Float64Array(depth * multiplier);
  for (let row = 0; row < kh; row++)
    for (let column = 0; column < kw; column++) {
      sums.fill(0);
      tapGradient(sums, xs, dys, x.shape[0]!, multiplier, sizes, row, column);
      gradient.set(sums, (row * kw + column) * depth * multiplier);
    }
  return tensor(gradient, [kh, kw, depth, multiplier], 'float32');
}

/** Adds every product of one tap to the sums of its channels. */
function tapGradient(
  sums: Float64Array,
  x: Float32Array,
  dy: Float32Array,
  batch: number,
  multiplier: number,
  { input, output, strides, before }: Geometry,
  row: number,
  column: number,
): void {
  const filters = sums.length;
  const depth = filters / multiplier;
  const [height, width] = input;
  const [outHeight, outWidth] = output;
  for (let n = 0; n < batch; n++)
    for (let oh = 0; oh < outHeight; oh++) {
      const h = oh * strides[0] + row - before[0];
      if (h < 0 || h >= height) continue;
      for (let ow = 0; ow < outWidth; ow++) {
        const w = ow * strides[1] + column - before[1];
        if (w < 0 || w >= width) continue;
        const xAt = ((n * height + h) * width + w) * depth;
        const dyAt = ((n * outHeight + oh) * outWidth + ow) * filters;
        if (multiplier === 1) for (let c = 0; c < depth; c++) sums[c]! += x[xAt + c]! * dy[dyAt + c]!;
        else
          for (let c = 0, o = 0; c < depth; c++)
            for (let m = 0; m < multiplier; m++, o++) sums[o]! += x[xAt + c]! * dy[dyAt + o]!;
      }
    }
}
