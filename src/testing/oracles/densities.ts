/** Densities in closed form, and distributions made of them: what oracles about formats and estimators are stated for. */
import type { Distribution } from '../../core/calibration/types';

export type Density = (x: number) => number;

export const normal: Density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
/** Variance 1. */
export const laplace: Density = (x) => Math.exp(-Math.SQRT2 * Math.abs(x)) / Math.SQRT2;
/** On [−1, 1]. */
export const uniform: Density = (x) => (Math.abs(x) <= 1 ? 0.5 : 0);
/** Up to a factor, which no ratio depends on. */
export const student =
  (nu: number): Density =>
  (x) =>
    (1 + (x * x) / nu) ** (-(nu + 1) / 2);

/** Equal bins over [lo, hi] with the density's mass, by Simpson's rule. */
export function binned(
  density: Density,
  lo: number,
  hi: number,
  bins: number,
  weightOf = (mass: number) => mass,
): Distribution {
  const width = (hi - lo) / bins;
  const values = Float64Array.from({ length: bins }, (_, i) => lo + (i + 0.5) * width);
  const weights = values.map((x) => {
    const mass = (width / 6) * (density(x - width / 2) + 4 * density(x) + density(x + width / 2));
    return weightOf(mass);
  });
  return { min: lo, max: hi, zeros: 0, values, weights, binWidth: width };
}

/** The same of values that are cut off at ±`reach`: what lies beyond it lies at it. */
export function cutOff(density: Density, reach: number, bins: number): Distribution {
  const inside = binned(density, -reach, reach, bins);
  // x = 1/u turns the tail into a finite stretch.
  const tail = (sign: number) => integrate((u) => density(sign / u) / u ** 2, 0, 1 / reach, 64);
  inside.weights[0] += tail(-1);
  inside.weights[bins - 1] += tail(1);
  return inside;
}

/** Σ weight · x², by the bins' second moments: values lie evenly in them. */
export function power({ values, weights, binWidth }: Distribution): number {
  return values.reduce((sum, x, i) => sum + weights[i] * (x * x + binWidth ** 2 / 12), 0);
}

/** Gauss–Legendre quadrature of five points on each of `parts` equal parts: exact for polynomials of degree 9. */
export function integrate(f: (x: number) => number, from: number, to: number, parts: number): number {
  const nodes = [0, 0.5384693101056831, 0.906179845938664];
  const weights = [0.5688888888888889, 0.47862867049936647, 0.23692688505618908];
  const half = (to - from) / (2 * parts);
  let sum = 0;
  for (let i = 0; i < parts; i++) {
    const middle = from + (2 * i + 1) * half;
    sum += weights[0] * f(middle);
    for (const k of [1, 2]) sum += weights[k] * (f(middle - half * nodes[k]) + f(middle + half * nodes[k]));
  }
  return sum * half;
}
