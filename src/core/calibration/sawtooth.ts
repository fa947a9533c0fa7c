/** Squared error of rounding, summed over distributions. */
import type { Distribution } from './types';

/** Sums over all values of a distribution. */
export interface QuantizationError {
  /** Number of values further outside the grid than rounding reaches: half a step. */
  readonly clipped: number;
  /** Σ error² of those. */
  readonly clipping: number;
  /** Σ error² of all others. */
  readonly rounding: number;
}

/** The error x − Q(x) of a grid as a function of x: a sawtooth, without bounds beyond both ends. */
export interface Sawtooth {
  /** Half a step below the lowest value of the grid, and above the highest. */
  readonly low: number;
  readonly high: number;
  error(x: number): number;
  /** Antiderivative of error². */
  integral(x: number): number;
}

/**
 * Squared error of quantizing a distribution, without its values.
 *
 * Within a bin values are taken to lie evenly, and the squared sawtooth is integrated over the bin exactly: so bins may be
 * wider or narrower than a step. Bins end at the distribution's extrema. Exact values (binWidth 0) are summed one by one.
 * Zeros are codes and err by nothing.
 */
export function sumErrors(
  { values, weights, binWidth, min, max }: Distribution,
  sawtooth: Sawtooth,
): QuantizationError {
  const { low, high } = sawtooth;
  let clipped = 0;
  let clipping = 0;
  let rounding = 0;
  const half = binWidth / 2;
  let edge = NaN; // where the last integral was taken: neighbouring bins share it
  let atEdge = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights[i];
    const from = Math.max(values[i] - half, min);
    const to = Math.min(values[i] + half, max);
    const width = to - from;
    if (!(width > 0)) {
      const squared = weight * sawtooth.error(from) ** 2;
      if (from < low || from > high) {
        clipped += weight;
        clipping += squared;
      } else rounding += squared;
      continue;
    }
    const perUnit = weight / width;
    const start = from === edge ? atEdge : sawtooth.integral(from);
    edge = to;
    atEdge = sawtooth.integral(to);
    if (from >= low && to <= high) rounding += (atEdge - start) * perUnit;
    else {
      // The bin's part inside the grid, which may be empty, rounds; the rest is clipped.
      const a = Math.min(Math.max(from, low), to);
      const b = Math.max(Math.min(to, high), a);
      const inside = b > a ? sawtooth.integral(b) - sawtooth.integral(a) : 0;
      rounding += inside * perUnit;
      clipping += (atEdge - start - inside) * perUnit;
      clipped += (width - (b - a)) * perUnit;
    }
  }
  return { clipped, clipping, rounding };
}
