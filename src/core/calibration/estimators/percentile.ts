import type { Distribution, Estimator, Range } from '../types';
import { minmax } from './minmax';

export const percentile: Estimator = {
  id: 'percentile',
  label: 'Percentile',
  explain: 'Leaves out the outermost share of the values, so that rare outliers do not set the scale.',
  params: [{ id: 'p', label: 'Percentile', min: 99, max: 100, step: 0.001, default: 99.99 }],
  /**
   * Symmetric grids take the p-th percentile of |x|. Asymmetric ones take the p-th and the (100 − p)-th percentile of x,
   * so that up to 100 − p percent are left out on either side; a side that ends at 0 stays there. Where fewer values than
   * that are not 0, nothing would be left: they keep their min–max.
   */
  estimate(distribution, format, { p = 99.99 }) {
    const share = Math.max(p / 100, 0);
    const range = format.symmetric ? withinMagnitude(distribution, share) : betweenTails(distribution, share);
    return share >= 1 || range.min === range.max ? minmax.estimate(distribution, format, {}) : range;
  },
};

function withinMagnitude(distribution: Distribution, share: number): Range {
  const reach = quantileOf(magnitudes(distribution), share);
  return { min: Math.max(Math.min(distribution.min, 0), -reach), max: Math.min(Math.max(distribution.max, 0), reach) };
}

function betweenTails(distribution: Distribution, share: number): Range {
  const steps = ascending(distribution);
  return { min: Math.min(quantileOf(steps, 1 - share), 0), max: Math.max(quantileOf(steps, share), 0) };
}

/** A weight that lies evenly on [from, to]; on one point where both are equal. */
interface Step {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

function ascending({ values, weights, binWidth, min, max, zeros }: Distribution): Step[] {
  const half = binWidth / 2;
  const steps = Array.from(values, (value, i) => ({
    from: Math.max(value - half, min),
    to: Math.min(value + half, max),
    weight: weights[i],
  }));
  if (zeros > 0) {
    const at = steps.findIndex(({ from }) => from >= 0);
    steps.splice(at < 0 ? steps.length : at, 0, { from: 0, to: 0, weight: zeros });
  }
  return steps;
}

/** The same for |x|: a bin across 0 is folded. */
function magnitudes(distribution: Distribution): Step[] {
  const folded = ascending(distribution).flatMap(({ from, to, weight }): Step[] => {
    if (from >= 0) return [{ from, to, weight }];
    if (to <= 0) return [{ from: -to, to: -from, weight }];
    const below = (weight * -from) / (to - from);
    return [
      { from: 0, to: -from, weight: below },
      { from: 0, to, weight: weight - below },
    ];
  });
  return folded.sort((a, b) => a.from - b.from);
}

/**
 * The point below which `share` of the weight lies, found to within a bin: bins of |x| from both signs may overlap, and
 * are taken one after the other.
 */
function quantileOf(steps: readonly Step[], share: number): number {
  const total = steps.reduce((sum, { weight }) => sum + weight, 0);
  let left = total * share;
  for (const { from, to, weight } of steps) {
    if (left <= weight) return from + (to - from) * Math.max(0, left / weight);
    left -= weight;
  }
  return steps.reduce((top, { to }) => Math.max(top, to), 0);
}
