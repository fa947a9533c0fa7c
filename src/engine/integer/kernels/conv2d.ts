import type { Pair } from '../../../core/graph/ops/attrs';
import type { Kernel } from '../kernel';
import { codes, required } from '../kernel';
import { rowAccumulator } from './accumulate';
import type { Runs } from './dot';
import { Framer, frameOf } from './frame';
import { foldZeroPoint, weightedOf } from './weights';

export const conv2d: Kernel<'conv2d'> = (op, tensors, profile) => {
  const { weights, shape, bias, input, requantize } = weightedOf(op, tensors, profile, 0);
  const [channels, filterHeight, filterWidth, depth] = shape;
  const filter: Pair = [filterHeight, filterWidth];
  const { strides, dilations, groups } = op.attrs;
  const folded = foldZeroPoint(weights, bias, filterHeight * filterWidth * depth, input.zeroPoint);
  const accumulators = rowAccumulator({ weights, bias: folded, groups, depth });
  const framer = new Framer();

  return (inputs, [out]) => {
    const [batch, inHeight, inWidth, inDepth] = required(inputs, 0).shape;
    const [, outHeight, outWidth] = out.shape;
    const target = out.data as Int8Array;
    const frame = frameOf([inHeight, inWidth], [outHeight, outWidth], filter, op.attrs);
    const runs = windowRuns(filter, depth, dilations, frame.width, inDepth);
    const size = inHeight * inWidth * inDepth;
    let to = 0;
    for (let n = 0; n < batch; n++) {
      const sample = codes(inputs, 0).subarray(n * size, (n + 1) * size);
      const image = framer.frame(sample, [inHeight, inWidth], inDepth, frame, input.zeroPoint);
      accumulators.open(image, runs, outWidth);
      for (let y = 0; y < outHeight; y++) {
        const row = accumulators.row(y * strides[0] * frame.width * inDepth, strides[1] * inDepth, outWidth);
        for (let x = 0; x < outWidth; x++, to += channels)
          requantize(row.subarray(x * channels, (x + 1) * channels), target, to);
      }
    }
  };
};

/** One run per filter row where a row of the window is contiguous in the image; one per filter element otherwise. */
function windowRuns(filter: Pair, depth: number, dilations: Pair, width: number, inDepth: number): Runs {
  const wholeRows = (dilations[1] === 1 || filter[1] === 1) && depth === inDepth;
  const perRow = wholeRows ? 1 : filter[1];
  const inputOffsets = new Int32Array(filter[0] * perRow);
  for (let y = 0; y < filter[0]; y++)
    for (let x = 0; x < perRow; x++)
      inputOffsets[y * perRow + x] = (y * dilations[0] * width + x * dilations[1]) * inDepth;
  return { inputOffsets, length: wholeRows ? filter[1] * depth : depth };
}
