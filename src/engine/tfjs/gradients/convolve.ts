import {
  backend_util,
  engine,
  pad,
  reshape,
  slice,
  type Conv2D,
  type DepthwiseConv2dNative,
  type Tensor,
} from '@tensorflow/tfjs-core';

export type Pair = readonly [number, number];
export type Pads = readonly [Pair, Pair];

/** Attributes which tfjs gives a convolution's gradient kernels. */
export interface ConvAttrs {
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof backend_util.computeConv2DInfo>[4];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Sizes of the forward convolution, pairs of [height, width]. tfjs differentiates none that are dilated. */
export interface Geometry {
  readonly input: Pair;
  readonly output: Pair;
  readonly kernel: Pair;
  readonly strides: Pair;
  /** Zeros before the first row and column. */
  readonly before: Pair;
}

export function geometry(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad: padding, dimRoundingMode }: ConvAttrs,
  depthwise = false,
): Geometry {
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    padding,
    dimRoundingMode,
    depthwise,
  );
  return {
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    kernel: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    before: [info.padInfo.top, info.padInfo.left],
  };
}

/** A plain or depthwise convolution by the kernel itself, which takes strides and dilations together. */
export function convolve(
  kernel: typeof Conv2D | typeof DepthwiseConv2dNative,
  x: Tensor,
  filter: Tensor,
  { pads, strides = [1, 1], dilations = [1, 1] }: { pads: Pads; strides?: Pair; dilations?: Pair },
): Tensor {
  return engine().runKernel<Tensor>(
    kernel,
    { x, filter },
    {
      strides: [...strides],
      pad: [[0, 0], [...pads[0]], [...pads[1]], [0, 0]],
      dataFormat: 'NHWC',
      dilations: [...dilations],
    },
  );
}

/** [f(0), f(1)], for what is done alike to height and width. */
export function both<T>(f: (axis: 0 | 1) => T): readonly [T, T] {
  return [f(0), f(1)];
}

/** Rows and columns of an NHWC tensor. As rows of whole lines: tfjs copies a slice line by line. */
export function crop(x: Tensor, [top, left]: Pair, [height, width]: Pair): Tensor {
  const [batch, rows, columns, depth] = x.shape as [number, number, number, number];
  if (rows === height && columns === width) return x;
  const lines = reshape(x, [batch, rows, columns * depth]);
  return reshape(slice(lines, [0, top, left * depth], [batch, height, width * depth]), [batch, height, width, depth]);
}

/** s − 1 zeros after each row and column, by padding rows of pixels and rows of rows. */
export function spreadOut(x: Tensor, [sh, sw]: Pair): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const longer = (rows: Tensor, zeros: number) =>
    zeros === 0
      ? rows
      : pad(rows, [
          [0, 0],
          [0, zeros],
        ]);
  const pixels = longer(reshape(x, [batch * height * width, channels]), (sw - 1) * channels);
  const row = width * sw * channels;
  const rows = longer(reshape(pixels, [batch * height, row]), (sh - 1) * row);
  return reshape(rows, [batch, height * sh, width * sw, channels]);
}

/** A dilated filter is a larger one with zeros in its gaps. */
export function undilated(filter: Tensor, dilations: Pair): Tensor {
  if (dilations[0] === 1 && dilations[1] === 1) return filter;
  const [kh, kw, depth, filters] = filter.shape as [number, number, number, number];
  const spread = spreadOut(reshape(filter, [1, kh, kw, depth * filters]), dilations);
  const size = both((i) => ([kh, kw][i] - 1) * dilations[i] + 1);
  return reshape(slice(spread, [0, 0, 0, 0], [1, ...size, depth * filters]), [...size, depth, filters]);
}
