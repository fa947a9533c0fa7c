import type { Kernel } from '../kernel';
import { codes, required } from '../kernel';
import { padImage, window1d } from './geometry';
import { weightedOf } from './weights';

export const depthwiseConv2d: Kernel<'depthwiseConv2d'> = (op, tensors, profile) => {
  const { weights, shape, bias, input, requantize } = weightedOf(op, tensors, profile, 3);
  const [, filterHeight, filterWidth, channels] = shape;
  const { strides, dilations, padding, multiplier } = op.attrs;
  const taps = filterHeight * filterWidth;
  const widened = Int16Array.from(weights);
  const folded = bias.slice();
  for (let i = 0; i < weights.length; i++) folded[i % channels] -= input.zeroPoint * weights[i];
  const accumulators = new Int32Array(channels);
  const scratch = { data: new Int8Array(0) };
  const is3x3 = taps === 9 && multiplier === 1;

  return (inputs, [out]) => {
    const [batch, inHeight, inWidth, inDepth] = required(inputs, 0).shape;
    const source = codes(inputs, 0);
    const [, outHeight, outWidth] = out.shape;
    const rows = window1d(inHeight, filterHeight, strides[0], dilations[0], padding);
    const columns = window1d(inWidth, filterWidth, strides[1], dilations[1], padding);
    const height = Math.max(
      inHeight + rows.before,
      (outHeight - 1) * strides[0] + (filterHeight - 1) * dilations[0] + 1,
    );
    const width = Math.max(
      inWidth + columns.before,
      (outWidth - 1) * strides[1] + (filterWidth - 1) * dilations[1] + 1,
    );
    const frame = { top: rows.before, left: columns.before, height, width };
    const offsets = new Int32Array(taps);
    for (let t = 0; t < taps; t++)
      offsets[t] = (Math.floor(t / filterWidth) * dilations[0] * width + (t % filterWidth) * dilations[1]) * inDepth;
    for (let n = 0; n < batch; n++) {
      const size = inHeight * inWidth * inDepth;
      const image = padImage(source, n * size, [inHeight, inWidth, inDepth], frame, input.zeroPoint, scratch);
      for (let y = 0; y < outHeight; y++)
        for (let x = 0; x < outWidth; x++) {
          const at = (y * strides[0] * width + x * strides[1]) * inDepth;
          if (is3x3) depthwise3x3(image, at, offsets, widened, folded, accumulators);
          else depthwise(image, at, offsets, widened, folded, accumulators, multiplier);
          requantize(accumulators, out.data as Int8Array, ((n * outHeight + y) * outWidth + x) * channels);
        }
    }
  };
};

function depthwise(
  image: Int8Array,
  at: number,
  offsets: Int32Array,
  weights: Int16Array,
  bias: Int32Array,
  accumulators: Int32Array,
  multiplier: number,
): void {
  const channels = bias.length;
  accumulators.set(bias);
  for (let t = 0; t < offsets.length; t++) {
    const from = at + offsets[t];
    const row = t * channels;
    for (let c = 0, k = 0; k < channels; c++) {
      const value = image[from + c];
      for (let m = 0; m < multiplier; m++, k++) accumulators[k] += Math.imul(value, weights[row + k]);
    }
  }
}

/** Nine taps unrolled: the sum of a channel stays in a register. */
function depthwise3x3(
  image: Int8Array,
  at: number,
  offsets: Int32Array,
  weights: Int16Array,
  bias: Int32Array,
  accumulators: Int32Array,
): void {
  const channels = bias.length;
  const p0 = at + offsets[0];
  const p1 = at + offsets[1];
  const p2 = at + offsets[2];
  const p3 = at + offsets[3];
  const p4 = at + offsets[4];
  const p5 = at + offsets[5];
  const p6 = at + offsets[6];
  const p7 = at + offsets[7];
  const p8 = at + offsets[8];
  for (let c = 0; c < channels; c++) {
    let w = c;
    let sum = bias[c] + Math.imul(image[p0 + c], weights[w]);
    sum += Math.imul(image[p1 + c], weights[(w += channels)]);
    sum += Math.imul(image[p2 + c], weights[(w += channels)]);
    sum += Math.imul(image[p3 + c], weights[(w += channels)]);
    sum += Math.imul(image[p4 + c], weights[(w += channels)]);
    sum += Math.imul(image[p5 + c], weights[(w += channels)]);
    sum += Math.imul(image[p6 + c], weights[(w += channels)]);
    sum += Math.imul(image[p7 + c], weights[(w += channels)]);
    sum += Math.imul(image[p8 + c], weights[w + channels]);
    accumulators[c] = sum;
  }
}
