/** How coarse formats are, so that rates of one can serve all. */
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat } from '../number-formats/format';
import type { QuantPlan } from '../quantize/plan';
import type { TensorId } from '../graph/graph';

/**
 * Rounding error of normal values over the values, by rules of thumb: 6.02 dB less for each bit of an integer, whose best
 * clip costs a part of the first (18.9 dB at 4 bits, 40.5 at 8), and for each bit of a mantissa (van Baalen et al. 2023).
 */
export function roundingNoise(format: AnyFormat): number {
  if (format.kind === 'block') return roundingNoise(format.element);
  const decibels = format.kind === 'int' ? 5.4 * format.bits - 2.7 : 6.02 * format.mantissaBits + 13.46;
  return 10 ** (-decibels / 20);
}

const INT4 = roundingNoise({ ...INT8_WEIGHT, bits: 4 });

/**
 * What a plan's rates are to those for INT4: its rounding noise, of its coarsest weights and its coarsest activations together,
 * over that of INT4 throughout. Coarser ones learn no faster: they have farther to go, but break sooner. The model's inputs
 * do not count: what they lose no training brings back.
 */
export function paceOf({ weights, activations }: QuantPlan, inputs: readonly TensorId[]): number {
  const computed = Object.values(activations).filter(({ tensor }) => !inputs.includes(tensor));
  const noises = [
    Object.values(weights).map(({ format = INT8_WEIGHT }) => roundingNoise(format)),
    computed.map(({ format = INT8_ACTIVATION }) => roundingNoise(format)),
  ].map((each) => each.reduce((most, noise) => Math.max(most, noise), 0) / INT4);
  return Math.min(1, Math.hypot(...noises) / Math.SQRT2);
}
