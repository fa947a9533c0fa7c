/** Arithmetic of sliding windows and of resizing, as TensorFlow defines it; shared by shape rules and engines. */
import type { Padding, Pair } from './ops/attrs';

/** Length of a filter with gaps between its taps. */
export function dilatedLength(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/**
 * Number of window positions along one axis: SAME ceil(length / stride), VALID ceil((length − window + 1) / stride).
 * Not positive where a VALID window is longer than the axis.
 */
export function outputLength(length: number, kernel: number, stride: number, dilation: number, padding: Padding) {
  const covered = padding === 'same' ? length : length - dilatedLength(kernel, dilation) + 1;
  return Math.ceil(covered / stride);
}

/** Padding [before, after] that `count` windows need beyond an axis; an odd remainder goes after. */
function padsFor(length: number, count: number, kernel: number, stride: number, dilation: number): Pair {
  const total = Math.max((count - 1) * stride + dilatedLength(kernel, dilation) - length, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** Zeros [before, after] a convolution or pooling sees along one axis. */
export function padLengths(length: number, kernel: number, stride: number, dilation: number, padding: Padding): Pair {
  if (padding === 'valid') return [0, 0];
  return padsFor(length, outputLength(length, kernel, stride, dilation, padding), kernel, stride, dilation);
}

/**
 * What a transposed convolution crops [before, after] from its full result of (length − 1)·stride + kernel along one
 * axis: the pads of the convolution that maps `outputSize` back to `length`. Negative where the output reaches further
 * than the full result; those values are the bias alone.
 */
export function transposedCrop(length: number, outputSize: number, kernel: number, stride: number, padding: Padding) {
  const full = (length - 1) * stride + kernel;
  const before = padding === 'valid' ? 0 : Math.floor(Math.max(full - outputSize, 0) / 2);
  return [before, full - outputSize - before] as const;
}

export interface Spatial {
  /** [H, W] of the output. */
  readonly output: Pair;
  /** [[top, bottom], [left, right]] */
  readonly pads: readonly [Pair, Pair];
}

/** Output size and padding of a two-dimensional window. */
export function slideWindow(input: Pair, kernel: Pair, strides: Pair, dilations: Pair, padding: Padding): Spatial {
  const output = (i: 0 | 1) => outputLength(input[i], kernel[i], strides[i], dilations[i], padding);
  const pads = (i: 0 | 1) => padLengths(input[i], kernel[i], strides[i], dilations[i], padding);
  return { output: [output(0), output(1)], pads: [pads(0), pads(1)] };
}

export interface Sampling {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Input pixels per output pixel, in float32 as the kernels compute it. */
export function resizeScale(length: number, size: number, alignCorners: boolean): number {
  return Math.fround(alignCorners && size > 1 ? (length - 1) / (size - 1) : length / size);
}

/** The two input positions an output position lies between along one axis, and how far it is from the lower. */
export function bilinearTap(position: number, length: number, size: number, sampling: Sampling) {
  const scale = resizeScale(length, size, sampling.alignCorners);
  const at = sampling.halfPixelCenters
    ? Math.fround(Math.fround(Math.fround(position + 0.5) * scale) - 0.5)
    : Math.fround(position * scale);
  const lower = Math.max(Math.floor(at), 0);
  const upper = Math.min(Math.ceil(at), length - 1);
  return { lower: Math.min(lower, length - 1), upper: Math.max(upper, 0), fraction: Math.fround(at - lower) };
}

/** The input position nearest to an output position along one axis; corners aligned, halves round up. */
export function nearestTap(position: number, length: number, size: number, sampling: Sampling): number {
  const scale = resizeScale(length, size, sampling.alignCorners);
  const at = Math.fround((sampling.halfPixelCenters ? position + 0.5 : position) * scale);
  return Math.min(Math.floor(sampling.alignCorners ? at + 0.5 : at), length - 1);
}
