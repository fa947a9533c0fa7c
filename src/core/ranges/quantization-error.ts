import type { AffineParams } from '../numerics/affine';
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

/**
 * Squared error of quantizing a distribution, without its values.
 *
 * Within a bin values are taken to lie evenly, and the error x − Q(x), a sawtooth that is cut at both ends of the grid, is
 * integrated over the bin exactly: so bins may be wider or narrower than a step. Bins end at the distribution's extrema.
 * Exact values (binWidth 0) are summed one by one. Zeros are codes and err by nothing.
 */
export function quantizationError(
  { values, weights, binWidth, min, max }: Distribution,
  { scale, zeroPoint }: AffineParams,
  qmin: number,
  qmax: number,
): QuantizationError {
  const kmin = qmin - zeroPoint;
  const kmax = qmax - zeroPoint;
  const low = (kmin - 0.5) * scale;
  const high = (kmax + 0.5) * scale;
  const perCell = (scale * scale * scale) / 12;
  let clipped = 0;
  let clipping = 0;
  let rounding = 0;

  /** ∫ from 0 to x of the squared error: whole cells of scale³/12 and a part of one; the outer cells have no end. */
  const integral = (x: number): number => {
    const nearest = Math.round(x / scale);
    const k = nearest < kmin ? kmin : nearest > kmax ? kmax : nearest;
    const rest = x - k * scale;
    return k * perCell + (rest * rest * rest) / 3;
  };

  const half = binWidth / 2;
  let edge = NaN; // where the last integral was taken: neighbouring bins share it
  let atEdge = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = weights[i];
    const from = Math.max(values[i] - half, min);
    const to = Math.min(values[i] + half, max);
    const width = to - from;
    if (!(width > 0)) {
      const x = from;
      const k = Math.max(kmin, Math.min(kmax, Math.round(x / scale)));
      const error = weight * (x - k * scale) ** 2;
      if (x < low || x > high) {
        clipped += weight;
        clipping += error;
      } else rounding += error;
      continue;
    }
    const perUnit = weight / width;
    const start = from === edge ? atEdge : integral(from);
    edge = to;
    atEdge = integral(to);
    if (from >= low && to <= high) rounding += (atEdge - start) * perUnit;
    else {
      // The bin's part inside the grid, which may be empty, rounds; the rest is clipped.
      const a = Math.min(Math.max(from, low), to);
      const b = Math.max(Math.min(to, high), a);
      const inside = b > a ? integral(b) - integral(a) : 0;
      rounding += inside * perUnit;
      clipping += (atEdge - start - inside) * perUnit;
      clipped += (width - (b - a)) * perUnit;
    }
  }
  return { clipped, clipping, rounding };
}
