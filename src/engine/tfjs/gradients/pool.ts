/**
 * Gradients of pooling. tfjs' wasm kernel of max pooling loses that of windows without a positive value. On all backends
 * average pooling divides by the whole window where part of it is padding; forwards it does not.
 */
import { AvgPoolGrad, backend_util, engine, MaxPoolGrad, mul, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { onWasm, viewSync } from '../heap';

export interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof backend_util.computePool2DInfo>[4];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The part of one window that is not padding: rows [top, bottom), columns [left, right) of image n. */
interface Window {
  readonly n: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

function poolInfo(shape: readonly number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttrs) {
  const nhwc = shape as [number, number, number, number];
  return backend_util.computePool2DInfo(nhwc, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Calls `visit` for each window, in the order of the output's pixels. */
function eachWindow(shape: readonly number[], attrs: PoolAttrs, visit: (window: Window) => void): void {
  const info = poolInfo(shape, attrs);
  for (let n = 0; n < info.batchSize; n++)
    for (let oh = 0; oh < info.outHeight; oh++)
      for (let ow = 0; ow < info.outWidth; ow++) {
        const first = oh * info.strideHeight - info.padInfo.top;
        const start = ow * info.strideWidth - info.padInfo.left;
        visit({
          n,
          top: Math.max(0, first),
          bottom: Math.min(info.inHeight, first + info.filterHeight),
          left: Math.max(0, start),
          right: Math.min(info.inWidth, start + info.filterWidth),
        });
      }
}

/** Each window's dy goes to its first largest value, in row-major order. */
export function maxPoolGradient(dy: Tensor, x: Tensor, attrs: PoolAttrs): Tensor {
  if (!onWasm()) return engine().runKernel<Tensor>(MaxPoolGrad, { dy, input: x, output: dy }, { ...attrs });
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const [xs, dys] = [viewSync(x), viewSync(dy)];
  const dx = new Float32Array(xs.length);
  let out = 0;
  eachWindow(x.shape, attrs, ({ n, top, bottom, left, right }) => {
    for (let c = 0; c < channels; c++, out++) {
      let best = ((n * height + top) * width + left) * channels + c;
      for (let h = top; h < bottom; h++)
        for (let w = left, at = ((n * height + h) * width + left) * channels + c; w < right; w++, at += channels)
          if (xs[at] > xs[best]) best = at;
      dx[best] += dys[out];
    }
  });
  return tensor(dx, x.shape, 'float32');
}

/** Each window's dy is divided among its values. */
export function averagePoolGradient(dy: Tensor, x: Tensor, attrs: PoolAttrs): Tensor {
  const { shape } = x;
  if (!onWasm()) return tidy(() => averageByKernel(mul(dy, paddingShare(dy, shape, attrs)), x, attrs));
  const [, height, width, channels] = shape as [number, number, number, number];
  const dys = viewSync(dy);
  const dx = new Float32Array(shape.reduce((n, d) => n * d, 1));
  let out = 0;
  eachWindow(shape, attrs, ({ n, top, bottom, left, right }) => {
    const share = 1 / ((bottom - top) * (right - left));
    for (let h = top; h < bottom; h++)
      for (let at = ((n * height + h) * width + left) * channels, w = left; w < right; w++)
        for (let c = 0; c < channels; c++, at++) dx[at] += dys[out + c] * share;
    out += channels;
  });
  return tensor(dx, [...shape], 'float32');
}

function averageByKernel(dy: Tensor, input: Tensor, attrs: PoolAttrs): Tensor {
  return engine().runKernel<Tensor>(AvgPoolGrad, { dy, input }, { ...attrs });
}

/** Window over what of it is no padding, for each of the output's pixels. */
function paddingShare(dy: Tensor, shape: readonly number[], attrs: PoolAttrs): Tensor {
  const { filterHeight, filterWidth } = poolInfo(shape, attrs);
  const shares: number[] = [];
  eachWindow([1, ...shape.slice(1)], attrs, ({ top, bottom, left, right }) =>
    shares.push((filterHeight * filterWidth) / ((bottom - top) * (right - left))),
  );
  return tensor(shares, [1, dy.shape[1]!, dy.shape[2]!, 1], 'float32');
}
