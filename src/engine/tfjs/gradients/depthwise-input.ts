/**
 * Gradient of a depthwise convolution with respect to its input: dy with zeros between its values (the stride undone),
 * convolved depthwise by the filter turned by 180°, then summed over the multiplier's copies of each channel.
 */
import { DepthwiseConv2dNative, reshape, reverse, sum, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { both, convolve, crop, geometry, spreadOut, type ConvAttrs, type Pair } from './convolve';

/** @param filter [KH,KW,C,multiplier] */
export function depthwiseInputGradient(
  dy: Tensor,
  filter: Tensor,
  inputShape: readonly number[],
  attrs: ConvAttrs,
): Tensor {
  const { input, output, kernel, strides, before } = geometry(inputShape, filter.shape, attrs, true);
  const [, , depth, multiplier] = filter.shape as [number, number, number, number];
  const batch = dy.shape[0];
  return tidy(() => {
    const turned = reverse(reshape(filter, [...kernel, depth * multiplier, 1]), [0, 1]);
    const reach = both((i) => kernel[i] - 1);
    const spread = both((i) => output[i] * strides[i]);
    const pads = both((i): Pair => {
      const start = reach[i] - before[i];
      return [start, Math.max(0, input[i] - spread[i] + reach[i] - start)];
    });
    const whole = convolve(DepthwiseConv2dNative, spreadOut(dy, strides), turned, { pads });
    const gradient = crop(whole, [0, 0], input);
    return multiplier === 1 ? gradient : sum(reshape(gradient, [batch, ...input, depth, multiplier]), 4);
  });
}
