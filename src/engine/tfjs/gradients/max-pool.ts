/**
 * Gradient of max pooling: each window's dy goes to its first largest value, in row-major order. tfjs' wasm kernel loses
 * it where a window has no positive value.
 */
import { backend_util, tensor, type Tensor } from '@tensorflow/tfjs-core';

export interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof backend_util.computePool2DInfo>[4];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** @param values reads a tensor's values, without a copy where that is possible */
export function maxPoolGradient(
  dy: Tensor,
  x: Tensor,
  { filterSize, strides, pad, dimRoundingMode }: PoolAttrs,
  values: (tensor: Tensor) => Float32Array,
): Tensor {
  const shape = x.shape as [number, number, number, number];
  const info = backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const [xs, dys] = [values(x), values(dy)];
  const dx = new Float32Array(xs.length);
  const { inHeight, inWidth, inChannels: channels } = info;
  const at = (n: number, h: number, w: number) => ((n * inHeight + h) * inWidth + w) * channels;
  for (let n = 0, out = 0; n < info.batchSize; n++)
    for (let oh = 0; oh < info.outHeight; oh++)
      for (let ow = 0; ow < info.outWidth; ow++) {
        const top = oh * info.strideHeight - info.padInfo.top;
        const left = ow * info.strideWidth - info.padInfo.left;
        const bottom = Math.min(inHeight, top + info.filterHeight);
        const right = Math.min(inWidth, left + info.filterWidth);
        for (let c = 0; c < channels; c++, out++) {
          let best = at(n, Math.max(0, top), Math.max(0, left)) + c;
          for (let h = Math.max(0, top); h < bottom; h++)
            for (let w = Math.max(0, left); w < right; w++) {
              const here = at(n, h, w) + c;
              if (xs[here]! > xs[best]!) best = here;
            }
          dx[best]! += dys[out]!;
        }
      }
  return tensor(dx, shape, 'float32');
}
