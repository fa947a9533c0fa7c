import { normalDensity, normalTail } from '../../numerics/normal';
import type { Distribution, Estimator, Range } from '../types';
import { clipped, evenBits } from './clip';
import { minmax } from './minmax';

/**
 * Banner et al., "Post training 4-bit quantization of convolutional networks for rapid-deployment" (ACIQ), 2019: the clip α
 * that minimises clipping noise plus Δ²/12 for a normal or a Laplace distribution, of which only a width is measured.
 */
export const aciq: Estimator = {
  id: 'aciq',
  label: 'ACIQ (analytic)',
  explain:
    'Takes the values for a bell curve or a Laplace distribution and clips where theory says: looks at their width only.',
  params: [{ id: 'shape', label: 'Shape', min: 0, max: 1, step: 1, default: 1, choices: ['Gaussian', 'Laplace'] }],
  /**
   * One-sided values, which a ReLU leaves, are half of a symmetric distribution around 0, zeros aside. Symmetric grids clip
   * around 0, too, asymmetric ones around the mean. Floating-point formats keep min–max, as with OCTAV.
   */
  estimate(distribution, format, { shape = 1 }) {
    const bits = evenBits(distribution, format);
    const whole = minmax.estimate(distribution, format, {});
    if (bits === null || distribution.values.length === 0) return whole;
    const oneSided = distribution.min >= 0 || distribution.max <= 0;
    const centre = oneSided || format.symmetric ? 0 : meanOf(distribution);
    const reach =
      shape === 0
        ? gaussianClip(bits) * deviation(distribution, centre, 2)
        : laplaceClip(bits) * deviation(distribution, centre, 1);
    return centre === 0 ? clipped(distribution, reach) : around(whole, centre, reach);
  },
};

function around(whole: Range, centre: number, reach: number): Range {
  return {
    min: Math.min(Math.max(whole.min, centre - reach), 0),
    max: Math.max(Math.min(whole.max, centre + reach), 0),
  };
}

function meanOf({ values, weights, zeros }: Distribution): number {
  let [sum, count] = [0, zeros];
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * values[i];
    count += weights[i];
  }
  return sum / count;
}

/** (mean of |x − centre|^power)^(1/power): σ for 2, Laplace's b for 1. Zeros count where they are not the centre. */
function deviation({ values, weights, zeros }: Distribution, centre: number, power: 1 | 2): number {
  let sum = centre === 0 ? 0 : zeros * Math.abs(centre) ** power;
  let count = centre === 0 ? 0 : zeros;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * Math.abs(values[i] - centre) ** power;
    count += weights[i];
  }
  return (sum / count) ** (1 / power);
}

/** α/b: 2b²e^(−α/b) + α²/(3·4^bits) is least where α/b·e^(α/b) = 3·4^bits. By Newton's method, from above. */
export function laplaceClip(bits: number): number {
  const target = Math.log(3) + bits * Math.log(4);
  let a = target;
  for (let i = 0; i < 50; i++) a -= (a + Math.log(a) - target) / (1 + 1 / a);
  return a;
}

/** α/σ: where α/(3·4^bits) = 2·(φ(α) − α·P(X > α)). The right side falls, the left one grows: bisection. */
export function gaussianClip(bits: number): number {
  let [low, high] = [0, 40];
  for (let i = 0; i < 60; i++) {
    const a = (low + high) / 2;
    if (a / (3 * 4 ** bits) < 2 * (normalDensity(a) - a * normalTail(a))) low = a;
    else high = a;
  }
  return (low + high) / 2;
}
