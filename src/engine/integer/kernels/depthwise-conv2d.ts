import type { Pair } from '../../../core/graph/ops/attrs';
import type { Kernel } from '../kernel';
import { codes, required } from '../kernel';
import { Framer, frameOf } from './frame';
import { weightedOf } from './weights';

export const depthwiseConv2d: Kernel<'depthwiseConv2d'> = (op, tensors, profile) => {
  const { weights, shape, bias, input, requantize } = weightedOf(op, tensors, profile, 3);
  const [, filterHeight, filterWidth, channels] = shape;
  const filter: Pair = [filterHeight, filterWidth];
  const { strides, dilations, multiplier } = op.attrs;
  const taps = filterHeight * filterWidth;
  const widened = Int16Array.from(weights);
  const folded = bias.slice();
  for (let i = 0; i < weights.length; i++) folded[i % channels] -= input.zeroPoint * weights[i];
  const accumulators = new Int32Array(channels);
  const framer = new Framer();
  const is3x3 = taps === 9 && multiplier === 1;

  return (inputs, [out]) => {
    const [batch, inHeight, inWidth, depth] = required(inputs, 0).shape;
    const [, outHeight, outWidth] = out.shape;
    const target = out.data as Int8Array;
    const frame = frameOf([inHeight, inWidth], [outHeight, outWidth], filter, op.attrs);
    const offsets = Int32Array.from({ length: taps }, (_, t) => {
      const [row, column] = [Math.floor(t / filterWidth), t % filterWidth];
      return (row * dilations[0] * frame.width + column * dilations[1]) * depth;
    });
    const size = inHeight * inWidth * depth;
    let to = 0;
    for (let n = 0; n < batch; n++) {
      const sample = codes(inputs, 0).subarray(n * size, (n + 1) * size);
      const image = framer.frame(sample, [inHeight, inWidth], depth, frame, input.zeroPoint);
      for (let y = 0; y < outHeight; y++)
        for (let x = 0; x < outWidth; x++, to += channels) {
          const at = (y * strides[0] * frame.width + x * strides[1]) * depth;
          if (is3x3) depthwise3x3(image, at, offsets, widened, folded, accumulators);
          else depthwise(image, at, offsets, widened, folded, accumulators, multiplier);
          requantize(accumulators, target, to);
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
