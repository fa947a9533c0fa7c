/** Window geometry shared by convolutions and pooling. */
import type { Padding } from '../../../core/graph/ops/attrs';

export interface Window1d {
  readonly output: number;
  readonly before: number;
}

/** TensorFlow's padding rule along one dimension; `output` is what the shape says, `before` what SAME puts in front. */
export function window1d(input: number, filter: number, stride: number, dilation: number, padding: Padding): Window1d {
  const extent = (filter - 1) * dilation + 1;
  if (padding === 'valid') return { output: Math.floor((input - extent) / stride) + 1, before: 0 };
  const output = Math.ceil(input / stride);
  return { output, before: Math.max(0, (output - 1) * stride + extent - input) >> 1 };
}

/** Row-major strides of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1] * shape[d + 1];
  return strides;
}

export function product(dimensions: readonly number[]): number {
  return dimensions.reduce((n, d) => n * d, 1);
}

export interface PaddedImage {
  readonly data: Int8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * One sample's image with `value` around it, so that windows need no bounds checks: real zeros are `value` = zero point.
 * Grows to `height` × `width` from an image placed at (`top`, `left`); the image itself where nothing is added.
 */
export function padImage(
  source: Int8Array,
  offset: number,
  [inHeight, inWidth, channels]: readonly [number, number, number],
  { top, left, height, width }: { top: number; left: number; height: number; width: number },
  value: number,
  scratch: { data: Int8Array },
): Int8Array {
  if (top === 0 && left === 0 && height <= inHeight && width === inWidth)
    return source.subarray(offset, offset + inHeight * inWidth * channels);
  const size = height * width * channels;
  if (scratch.data.length !== size) scratch.data = new Int8Array(size);
  scratch.data.fill(value);
  const rows = Math.min(inHeight, height - top);
  const columns = Math.min(inWidth, width - left);
  for (let y = 0; y < rows; y++) {
    const from = offset + y * inWidth * channels;
    scratch.data.set(source.subarray(from, from + columns * channels), ((y + top) * width + left) * channels);
  }
  return scratch.data;
}
