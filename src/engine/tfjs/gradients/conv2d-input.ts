/**
 * Gradient of a convolution with respect to its input, which is also the transposed convolution. In coordinates of the
 * padded input, row i = q·s + p gets
 *
 *   dx[q·s + p] = Σ W[t·s + p] · dy[q − t]   over t = 0 … T−1,   T = ⌈K / s⌉
 *
 * so each of the s² phases p is a convolution of dy by every s-th tap. All of them are one convolution with s² times the
 * channels, whose phases depthToSpace then interleaves (the sub-pixel convolution of Shi et al. 2016).
 */
import {
  Conv2D,
  depthToSpace,
  pad,
  reshape,
  reverse,
  slice,
  tidy,
  transpose,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { both, convolve, geometry, type ConvAttrs, type Pair } from './convolve';

/** @param filter HWIO, of the forward convolution */
export function conv2dInputGradient(
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  attrs: ConvAttrs,
): Tensor {
  const { input, output, kernel, strides, before } = geometry(inputShape, filter.shape, attrs);
  return tidy(() => {
    const taps = both((i) => Math.ceil(kernel[i] / strides[i]));
    // The quotients q of the rows and columns that are not padding.
    const first = both((i) => Math.floor(before[i] / strides[i]));
    const last = both((i) => Math.ceil((before[i] + input[i]) / strides[i]));
    const pads = both((i): Pair => [taps[i] - 1 - first[i], last[i] - output[i]]);
    const phases = convolve(Conv2D, dy, phaseFilter(filter, taps, strides), { pads });
    const whole = interleave(phases, strides);
    const start = both((i) => before[i] - first[i] * strides[i]);
    return slice(whole, [0, ...start, 0], [dy.shape[0], ...input, filter.shape[2]!]);
  });
}

/** [KH,KW,I,O] → [TH,TW,O,SH·SW·I]: taps of each phase, last first as a correlation needs them. */
function phaseFilter(filter: Tensor, [th, tw]: Pair, [sh, sw]: Pair): Tensor {
  const [kh, kw, depth, filters] = filter.shape as [number, number, number, number];
  const padded = pad(filter, [
    [0, th * sh - kh],
    [0, tw * sw - kw],
    [0, 0],
    [0, 0],
  ]);
  const split = reverse(reshape(padded, [th, sh, tw, sw, depth, filters]), [0, 2]);
  return reshape(transpose(split, [0, 2, 5, 1, 3, 4]), [th, tw, filters, sh * sw * depth]);
}

/** [N,QH,QW,SH·SW·C] → [N,QH·SH,QW·SW,C] */
function interleave(x: Tensor, [sh, sw]: Pair): Tensor {
  if (sh * sw === 1) return x;
  if (sh === sw) return depthToSpace(x as Tensor4D, sh, 'NHWC');
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const depth = channels / (sh * sw);
  const split = transpose(reshape(x, [batch, height, width, sh, sw, depth]), [0, 1, 3, 2, 4, 5]);
  return reshape(split, [batch, height * sh, width * sw, depth]);
}
