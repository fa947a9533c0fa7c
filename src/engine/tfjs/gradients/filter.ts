import { matMul, mul, pad, reshape, split, stack, stridedSlice, sum, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { emptyTensor, offsetOf, onWasm, viewSync } from '../heap';
import type { Pair } from './convolve';
import { gradientKernels } from './kernel/kernel';

/** How the filter of a convolution moved over its input. */
export interface Sliding {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Zeros before the first row and column. */
  readonly before: Pair;
}

/**
 * Gradient of a convolution with respect to its filter.
 * @param x NHWC
 * @param dy NHWC, as many pixels as the filter had positions
 * @returns [KH, KW, I / groups, O]
 */
export function conv2dFilterGradient(x: Tensor, dy: Tensor, sliding: Sliding, groups = 1): Tensor {
  return onWasm() ? convOnHeap(x, dy, sliding, groups) : convComposed(x, dy, sliding, groups);
}

function convOnHeap(x: Tensor, dy: Tensor, { kernel, ...sliding }: Sliding, groups: number): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [, outHeight, outWidth, filters] = dy.shape as [number, number, number, number];
  const [depth, perGroup] = [channels / groups, filters / groups];
  const dw = emptyTensor([...kernel, depth, filters]);
  viewSync(dw).fill(0);
  const [xAt, dyAt, dwAt] = [offsetOf(x), offsetOf(dy), offsetOf(dw)];
  for (let g = 0; g < groups; g++)
    gradientKernels().convFilterGradient(
      xAt + 4 * g * depth,
      dyAt + 4 * g * perGroup,
      dwAt + 4 * g * perGroup,
      batch,
      height,
      width,
      depth,
      channels,
      outHeight,
      outWidth,
      perGroup,
      filters,
      filters,
      ...kernel,
      ...sliding.strides,
      ...sliding.dilations,
      ...sliding.before,
    );
  return dw;
}

/**
 * The same of a depthwise convolution, a group for each channel.
 * @returns [KH, KW, C, multiplier]
 */
export function depthwiseFilterGradient(x: Tensor, dy: Tensor, sliding: Sliding): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [, outHeight, outWidth, filters] = dy.shape as [number, number, number, number];
  const { kernel, strides, dilations, before } = sliding;
  const multiplier = filters / channels;
  if (!onWasm()) return depthwiseComposed(x, dy, sliding, multiplier);
  if (multiplier !== 1)
    return reshape(conv2dFilterGradient(x, dy, sliding, channels), [...kernel, channels, multiplier]);
  const dw = emptyTensor([...kernel, channels, 1]);
  viewSync(dw).fill(0);
  gradientKernels().depthwiseFilterGradient(
    offsetOf(x),
    offsetOf(dy),
    offsetOf(dw),
    batch,
    height,
    width,
    channels,
    outHeight,
    outWidth,
    ...kernel,
    ...strides,
    ...dilations,
    ...before,
  );
  return dw;
}

/** What each tap of the filter saw: for every position of the filter, the pixel under it, zero where that is padding. */
function* underTaps(x: Tensor, dy: Tensor, { kernel, strides, dilations, before }: Sliding): Generator<Tensor> {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.shape as [number, number, number, number];
  const reach = (i: 0 | 1, out: number) => (out - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
  const after = (i: 0 | 1, out: number, length: number) => Math.max(0, reach(i, out) - before[i] - length);
  const padded = pad(x, [
    [0, 0],
    [before[0], after(0, outHeight, height)],
    [before[1], after(1, outWidth, width)],
    [0, 0],
  ]);
  for (let kh = 0; kh < kernel[0]; kh++)
    for (let kw = 0; kw < kernel[1]; kw++) {
      const begin = [0, kh * dilations[0], kw * dilations[1], 0];
      const end = [
        batch,
        begin[1] + (outHeight - 1) * strides[0] + 1,
        begin[2] + (outWidth - 1) * strides[1] + 1,
        channels,
      ];
      yield stridedSlice(padded, begin, end, [1, ...strides, 1]);
    }
}

function convComposed(x: Tensor, dy: Tensor, sliding: Sliding, groups: number): Tensor {
  const { kernel } = sliding;
  return tidy(() => {
    const rows = (values: Tensor) => reshape(values, [-1, values.shape[3]!]);
    const dys = split(rows(dy), groups, 1);
    const taps = Array.from(underTaps(x, dy, sliding), (seen) => {
      const parts = split(rows(seen), groups, 1).map((part, g) => matMul(part, dys[g], true));
      return stack(parts, 1); // [I / groups, groups, O / groups]
    });
    return reshape(stack(taps), [...kernel, x.shape[3]! / groups, dy.shape[3]!]);
  });
}

function depthwiseComposed(x: Tensor, dy: Tensor, sliding: Sliding, multiplier: number): Tensor {
  const [batch, height, width, filters] = dy.shape as [number, number, number, number];
  const channels = filters / multiplier;
  return tidy(() => {
    const dys = reshape(dy, [batch, height, width, channels, multiplier]);
    const taps = Array.from(underTaps(x, dy, sliding), (seen) =>
      sum(mul(reshape(seen, [batch, height, width, channels, 1]), dys), [0, 1, 2]),
    );
    return reshape(stack(taps), [...sliding.kernel, channels, multiplier]);
  });
}
