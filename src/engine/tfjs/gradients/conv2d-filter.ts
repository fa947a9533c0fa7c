/**
 * Gradient of a convolution with respect to its filter, as a convolution:
 *
 *   dW[kh,kw,c,o] = Σ x[n, oh·s + kh − top, ow·s + kw − left, c] · dy[n,oh,ow,o]   over n, oh, ow
 *
 * is x with channels and batch exchanged, convolved by dy as its filter with batch for depth, the stride as dilation.
 */
import { Conv2D, matMul, reshape, stridedSlice, tidy, transpose, type Tensor } from '@tensorflow/tfjs-core';
import { both, convolve, crop, geometry, type ConvAttrs } from './convolve';

export function conv2dFilterGradient(x: Tensor, dy: Tensor, filterShape: readonly number[], attrs: ConvAttrs): Tensor {
  const { input, output, kernel, strides, before } = geometry(x.shape, filterShape, attrs);
  const [batch, , , depth] = x.shape;
  const filters = dy.shape[3]!;
  return tidy(() => {
    if (kernel[0] === 1 && kernel[1] === 1 && before[0] === 0 && before[1] === 0) {
      // One pixel a window: a matrix product, which the scheme below would compute a row at a time.
      const end = both((i) => (output[i] - 1) * strides[i] + 1);
      const seen =
        strides[0] * strides[1] === 1 ? x : stridedSlice(x, [0, 0, 0, 0], [batch, ...end, depth], [1, ...strides, 1]);
      const pixels = batch * output[0] * output[1];
      const product = matMul(transpose(reshape(seen, [pixels, depth])), reshape(dy, [pixels, filters]));
      return reshape(product, [1, 1, depth, filters]);
    }
    // Rows which no window reaches are cut off, those beyond the image are padding.
    const after = both((i) => (output[i] - 1) * strides[i] + kernel[i] - before[i] - input[i]);
    const reached = both((i) => input[i] + Math.min(0, after[i]));
    const seen = crop(x, [0, 0], reached);
    const exchanged = transpose(reshape(seen, [batch, reached[0] * reached[1], depth]), [2, 1, 0]);
    const taps = transpose(reshape(dy, [batch, output[0] * output[1], filters]), [1, 0, 2]);
    const gradient = convolve(
      Conv2D,
      reshape(exchanged, [depth, ...reached, batch]),
      reshape(taps, [...output, batch, filters]),
      { pads: both((i) => [before[i], Math.max(0, after[i])]), dilations: strides },
    );
    return transpose(gradient, [1, 2, 0, 3]);
  });
}
