import type { Kernel } from '../kernel';
import { codes, required } from '../kernel';
import { dotRuns, type Runs } from './dot';
import { padImage, window1d } from './geometry';
import { foldZeroPoint, weightedOf } from './weights';

export const conv2d: Kernel<'conv2d'> = (op, tensors, profile) => {
  const { weights, shape, bias, input, requantize } = weightedOf(op, tensors, profile, 0);
  const [channels, filterHeight, filterWidth, depth] = shape;
  const { strides, dilations, padding, groups } = op.attrs;
  const folded = foldZeroPoint(weights, bias, filterHeight * filterWidth * depth, input.zeroPoint);
  const widened = Int16Array.from(weights);
  const accumulators = new Int32Array(channels);
  const channelsPerGroup = channels / groups;
  const scratch = { data: new Int8Array(0) };

  return (inputs, [out]) => {
    const [batch, inHeight, inWidth, inDepth] = required(inputs, 0).shape;
    const source = codes(inputs, 0);
    const target = out.data as Int8Array;
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
    const runs = windowRuns(filterHeight, filterWidth, depth, dilations, width * inDepth, inDepth);
    for (let n = 0; n < batch; n++) {
      const size = inHeight * inWidth * inDepth;
      const image = padImage(source, n * size, [inHeight, inWidth, inDepth], frame, input.zeroPoint, scratch);
      for (let y = 0; y < outHeight; y++)
        for (let x = 0; x < outWidth; x++) {
          const at = (y * strides[0] * width + x * strides[1]) * inDepth;
          for (let g = 0; g < groups; g++) {
            const from = g * channelsPerGroup;
            dotRuns(image, at + g * depth, runs, widened, folded, accumulators, from, from + channelsPerGroup);
          }
          requantize(accumulators, target, ((n * outHeight + y) * outWidth + x) * channels);
        }
    }
  };
};

/** One run per filter row where a row of the window is contiguous in the image; one per filter element otherwise. */
function windowRuns(
  filterHeight: number,
  filterWidth: number,
  depth: number,
  dilations: readonly [number, number],
  rowStride: number,
  inDepth: number,
): Runs {
  const wholeRows = (dilations[1] === 1 || filterWidth === 1) && depth === inDepth;
  const perRow = wholeRows ? 1 : filterWidth;
  const inputOffsets = new Int32Array(filterHeight * perRow);
  for (let y = 0; y < filterHeight; y++)
    for (let x = 0; x < perRow; x++)
      inputOffsets[y * perRow + x] = y * dilations[0] * rowStride + x * dilations[1] * inDepth;
  return { inputOffsets, length: wholeRows ? filterWidth * depth : depth };
}
