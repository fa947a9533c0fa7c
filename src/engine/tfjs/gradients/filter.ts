import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import { emptyTensor, offsetOf, viewSync } from '../heap';
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
export function conv2dFilterGradient(x: Tensor, dy: Tensor, { kernel, ...sliding }: Sliding, groups = 1): Tensor {
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
