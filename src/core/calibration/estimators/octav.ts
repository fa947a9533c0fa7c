import type { Distribution, Estimator } from '../types';
import { clipped, evenBits } from './clip';
import { minmax } from './minmax';

const TOLERANCE = 1e-7;
const MOST_STEPS = 100;

/**
 * Sakr et al., "Optimal Clipping and Magnitude-aware Differentiation for Improved Quantization-aware Training", 2022: the
 * clip at which clipping and uniform rounding noise (Δ²/12) together are least, as the fixed point of a Newton iteration,
 * s ← Σ|x|·1(|x|>s) / (4^−B/3 · #(|x|≤s) + #(|x|>s)). Zeros are codes and count in neither.
 */
export const octav: Estimator = {
  id: 'octav',
  label: 'OCTAV',
  explain:
    'Balances clipping against even rounding noise by a few Newton steps: nearly least squared error, and quick.',
  params: [],
  /** Floating-point formats keep min–max: the rounding noise assumed here is that of even steps. */
  estimate(distribution, format) {
    const bits = evenBits(distribution, format);
    if (bits === null || distribution.values.length === 0) return minmax.estimate(distribution, format, {});
    const noise = 4 ** -bits / 3;
    const { values, weights } = distribution;
    const total = weights.reduce((sum, w) => sum + w, 0);
    let s = values.reduce((sum, x, i) => sum + weights[i] * Math.abs(x), 0) / total;
    for (let i = 0; i < MOST_STEPS; i++) {
      const outside = beyond(distribution, s);
      const next = outside.sum / (noise * (total - outside.count) + outside.count);
      const moved = Math.abs(next - s);
      s = next;
      if (moved <= TOLERANCE * s) break;
    }
    return clipped(distribution, s);
  },
};

/** Number and sum of the magnitudes above `s`; a bin across `s` gives its share. */
function beyond({ values, weights, binWidth }: Distribution, s: number): { count: number; sum: number } {
  const half = binWidth / 2;
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const x = Math.abs(values[i]);
    if (x - half >= s) {
      count += weights[i];
      sum += weights[i] * x;
    } else if (x + half > s) {
      const share = (weights[i] * (x + half - s)) / binWidth;
      count += share;
      sum += (share * (x + half + s)) / 2;
    }
  }
  return { count, sum };
}
