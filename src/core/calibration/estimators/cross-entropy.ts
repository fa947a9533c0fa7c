import { chooseQuantParams } from '../../numerics/affine';
import type { NumberFormat } from '../../number-formats/format';
import { codecOf } from '../../number-formats/codecs';
import type { Distribution, Estimator, Range } from '../types';
import { cheapestRange, leastErrorRange, type Cost } from './least-error';

/**
 * For logits (Nagel et al., "A White Paper on Neural Network Quantization", 2021, 3.1): the range that changes softmax
 * least, by cross-entropy.
 *
 * Exactly, that takes whole rows of logits, which a histogram does not have. But for rows with the sum Z = Σ e^x,
 * D(p‖p̂) ≤ Σ e^x·(e^δ − 1 − δ) / Z with δ the error of each logit (from ln t ≤ t − 1), and where Z is taken to be the same
 * for all rows that is a sum over single logits. Large logits must be exact, hopeless ones may be clipped as long as they
 * stay hopeless.
 */
export const crossEntropy: Estimator = {
  id: 'cross-entropy',
  label: 'Cross-entropy (logits)',
  explain:
    'For the last layer before softmax: keeps the probabilities, so large logits stay exact, hopeless ones are clipped.',
  params: [],
  /** Exact values are few and weights, not logits: they get the least squared error. */
  estimate: (distribution, format) =>
    distribution.binWidth === 0
      ? leastErrorRange(distribution, format)
      : cheapestRange(distribution, format, divergence(distribution, format)),
};

function divergence({ values, weights, max }: Distribution, format: NumberFormat): (range: Range) => Cost {
  const top = Math.max(max, 0);
  const powers = values.map((x) => Math.exp(x - top)); // scaled by e^-top, which all costs share
  const codec = codecOf(format);
  return (range) => {
    const params = chooseQuantParams(range, format);
    let [clipping, rounding] = [0, 0];
    // Neighbouring values mostly have the same code, whose power need not be computed again.
    let [quantized, power] = [NaN, NaN];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const nearest = codec.decode(codec.encode(x, params), params);
      if (nearest !== quantized) [quantized, power] = [nearest, Math.exp(nearest - top)];
      const cost = weights[i] * (power - powers[i] * (1 + quantized - x));
      if (x < range.min || x > range.max) clipping += cost;
      else rounding += cost;
    }
    return { clipping, total: clipping + rounding };
  };
}
