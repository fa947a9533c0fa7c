/** Ops that look at a neighbourhood of a two-dimensional plane. */
import type { Op, Padding } from '../../../core/graph/ops/attrs';
import { at4, fill, type NaiveTensor } from './array';

/** Zeros in front of an axis, in the form TensorFlow's documentation gives for SAME. */
function padBefore(length: number, reach: number, stride: number, padding: Padding): number {
  if (padding === 'valid') return 0;
  const total = length % stride === 0 ? reach - stride : reach - (length % stride);
  return Math.floor(Math.max(total, 0) / 2);
}

interface Plane {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly padding: Padding;
}

/** Calls `visit(ky, kx, y, x)` for each tap of the window at output (row, column) that lies within the input. */
function taps(
  x: NaiveTensor,
  { kernel, strides, dilations = [1, 1], padding }: Plane,
  row: number,
  column: number,
  visit: (ky: number, kx: number, y: number, x: number) => void,
): void {
  const [, height, width] = x.shape as [number, number, number];
  const top = row * strides[0] - padBefore(height, (kernel[0] - 1) * dilations[0] + 1, strides[0], padding);
  const left = column * strides[1] - padBefore(width, (kernel[1] - 1) * dilations[1] + 1, strides[1], padding);
  for (let ky = 0; ky < kernel[0]; ky++)
    for (let kx = 0; kx < kernel[1]; kx++) {
      const [sy, sx] = [top + ky * dilations[0], left + kx * dilations[1]];
      if (sy >= 0 && sy < height && sx >= 0 && sx < width) visit(ky, kx, sy, sx);
    }
}

export function conv2d(op: Op<'conv2d'>, x: NaiveTensor, w: NaiveTensor, bias: NaiveTensor | null, shape: number[]) {
  const [filters, kh, kw, depth] = w.shape as [number, number, number, number];
  const perGroup = filters / op.attrs.groups;
  return fill(shape, ([n, row, column, o]) => {
    let total = bias?.data[o] ?? 0;
    const firstChannel = Math.floor(o / perGroup) * depth;
    taps(x, { kernel: [kh, kw], ...op.attrs }, row, column, (ky, kx, sy, sx) => {
      for (let i = 0; i < depth; i++) total += at4(x, n, sy, sx, firstChannel + i) * at4(w, o, ky, kx, i);
    });
    return total;
  });
}

export function depthwiseConv2d(
  op: Op<'depthwiseConv2d'>,
  x: NaiveTensor,
  w: NaiveTensor,
  bias: NaiveTensor | null,
  shape: number[],
) {
  const kernel = [w.shape[1], w.shape[2]] as const;
  return fill(shape, ([n, row, column, o]) => {
    let total = bias?.data[o] ?? 0;
    const channel = Math.floor(o / op.attrs.multiplier);
    taps(x, { kernel, ...op.attrs }, row, column, (ky, kx, sy, sx) => {
      total += at4(x, n, sy, sx, channel) * at4(w, 0, ky, kx, o);
    });
    return total;
  });
}

/** Each input value adds its filter, scaled by it, to the output: the transpose of a convolution, literally. */
export function transposeConv2d(
  op: Op<'transposeConv2d'>,
  x: NaiveTensor,
  w: NaiveTensor,
  bias: NaiveTensor | null,
  shape: number[],
) {
  const { strides, padding } = op.attrs;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [filters, kh, kw] = w.shape as [number, number, number];
  const [, outHeight, outWidth] = shape as [number, number, number];
  const top = padBefore(outHeight, kh, strides[0], padding);
  const left = padBefore(outWidth, kw, strides[1], padding);
  const sums = new Float64Array(shape.reduce((n, d) => n * d, 1));
  for (let n = 0; n < batch; n++)
    for (let y = 0; y < height; y++)
      for (let c = 0; c < width; c++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [row, column] = [y * strides[0] + ky - top, c * strides[1] + kx - left];
            if (row < 0 || row >= outHeight || column < 0 || column >= outWidth) continue;
            for (let o = 0; o < filters; o++)
              for (let i = 0; i < channels; i++)
                sums[((n * outHeight + row) * outWidth + column) * filters + o] +=
                  at4(x, n, y, c, i) * at4(w, o, ky, kx, i);
          }
  return { shape, data: Float32Array.from(sums, (total, i) => total + (bias?.data[i % filters] ?? 0)) };
}

/** Mean or largest of the values under the window; padding does not count. */
export function pool(op: Op<'averagePool2d' | 'maxPool2d'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const { filter, ...window } = op.attrs;
  return fill(shape, ([n, row, column, c]) => {
    const values: number[] = [];
    taps(x, { kernel: filter, ...window }, row, column, (_ky, _kx, sy, sx) => values.push(at4(x, n, sy, sx, c)));
    if (op.kind === 'maxPool2d') return Math.max(...values);
    return values.reduce((a, b) => a + b, 0) / values.length;
  });
}

type Resize = Op<'resizeBilinear' | 'resizeNearest'>;

function sourcePosition({ attrs }: Resize, axis: 0 | 1, position: number, length: number): number {
  const { size, alignCorners, halfPixelCenters } = attrs;
  const scale = Math.fround(alignCorners && size[axis] > 1 ? (length - 1) / (size[axis] - 1) : length / size[axis]);
  return halfPixelCenters ? (position + 0.5) * scale - 0.5 : position * scale;
}

export function resizeBilinear(op: Op<'resizeBilinear'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const [, height, width] = x.shape as [number, number, number];
  const clamp = (v: number, length: number) => Math.min(Math.max(v, 0), length - 1);
  return fill(shape, ([n, row, column, c]) => {
    const y = sourcePosition(op, 0, row, height);
    const z = sourcePosition(op, 1, column, width);
    const value = (dy: 0 | 1, dx: 0 | 1) =>
      at4(x, n, clamp(Math.floor(y) + dy, height), clamp(Math.floor(z) + dx, width), c);
    const [fy, fx] = [y - Math.floor(y), z - Math.floor(z)];
    const upper = value(0, 0) * (1 - fx) + value(0, 1) * fx;
    const lower = value(1, 0) * (1 - fx) + value(1, 1) * fx;
    return upper * (1 - fy) + lower * fy;
  });
}

export function resizeNearest(op: Op<'resizeNearest'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const { alignCorners, halfPixelCenters } = op.attrs;
  const source = (axis: 0 | 1, position: number, length: number) => {
    // From the centre of a pixel half a pixel is taken off again: the pixel it falls into counts, not the distance.
    const y = Math.fround(sourcePosition(op, axis, position, length) + (halfPixelCenters ? 0.5 : 0));
    return Math.min(Math.floor(alignCorners ? y + 0.5 : y), length - 1);
  };
  const [, height, width] = x.shape as [number, number, number];
  return fill(shape, ([n, row, column, c]) => at4(x, n, source(0, row, height), source(1, column, width), c));
}
