/**
 * Gradient of a convolution with respect to its input, which is also the transposed convolution. In coordinates of the
 * padded input, row i = q·s + p gets
 *
 *   dx[q·s + p] = Σ W[t·s + p] · dy[q − t]   over t = 0 … T−1,   T = ⌈K / s⌉
 *
 * so each phase p is a convolution of dy by every s-th tap (the sub-pixel convolution of Shi et al. 2016). The phases of
 * the columns are channels of one convolution and lie interleaved in its result; those of the rows have one each.
 */
import { concat, Conv2D, pad, reshape, reverse, tidy, transpose, unstack, type Tensor } from '@tensorflow/tfjs-core';
import { both, convolve, crop, geometry, type ConvAttrs, type Pair } from './convolve';

/** @param filter HWIO, of the forward convolution */
export function conv2dInputGradient(
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  attrs: ConvAttrs,
): Tensor {
  const { input, output, kernel, strides, before } = geometry(inputShape, filter.shape, attrs);
  const batch = dy.shape[0];
  const depth = inputShape[3];
  return tidy(() => {
    const taps = both((i) => Math.ceil(kernel[i] / strides[i]));
    // The quotients q of the rows and columns that are not padding.
    const first = both((i) => Math.floor(before[i] / strides[i]));
    const last = both((i) => Math.ceil((before[i] + input[i]) / strides[i]));
    const pads = both((i): Pair => [taps[i] - 1 - first[i], last[i] - output[i]]);
    const [rows, columns] = both((i) => last[i] - first[i]);
    const phases = phaseFilters(filter, taps, strides).map((phase) =>
      reshape(convolve(Conv2D, dy, phase, { pads }), [batch * rows, 1, columns * strides[1] * depth]),
    );
    const whole = reshape(concat(phases, 1), [batch, rows * strides[0], columns * strides[1], depth]);
    return crop(
      whole,
      both((i) => before[i] - first[i] * strides[i]),
      input,
    );
  });
}

/** [KH,KW,I,O] → for each phase of the rows [TH,TW,O,SW·I], taps last first as a correlation needs them. */
function phaseFilters(filter: Tensor, [th, tw]: Pair, [sh, sw]: Pair): Tensor[] {
  const [kh, kw, depth, filters] = filter.shape as [number, number, number, number];
  const padded = pad(filter, [
    [0, th * sh - kh],
    [0, tw * sw - kw],
    [0, 0],
    [0, 0],
  ]);
  const split = reverse(reshape(padded, [th, sh, tw, sw, depth, filters]), [0, 2]);
  return unstack(reshape(transpose(split, [1, 0, 2, 5, 3, 4]), [sh, th, tw, filters, sw * depth]));
}
