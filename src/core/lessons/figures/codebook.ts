/** A few values that all weights are rounded to: which ones, and what that costs. */
import type { Distribution } from '../../calibration/types';

/** Root mean square of what is lost when each value takes its nearest centroid. */
export function codebookError({ values, weights, zeros }: Distribution, centroids: readonly number[]): number {
  const sorted = [...centroids].sort((a, b) => a - b);
  const nearest = (x: number) => sorted.reduce((least, c) => Math.min(least, (x - c) ** 2), Infinity);
  let [sum, count] = [zeros * nearest(0), zeros];
  values.forEach((x, i) => {
    sum += weights[i] * nearest(x);
    count += weights[i];
  });
  return Math.sqrt(sum / Math.max(1, count));
}

/** Evenly spaced from −top to top, as the codes of a symmetric integer grid are: 2·⌊count / 2⌋ − 1 or `count` of them. */
export function evenGrid(top: number, count: number): number[] {
  const levels = count % 2 === 0 ? count - 1 : count;
  return Array.from({ length: levels }, (_, i) => top * ((2 * i) / (levels - 1) - 1));
}

/** Where centroids are before anybody moves them: in the middle of equal parts of the range. */
export function startingCentroids({ min, max }: Pick<Distribution, 'min' | 'max'>, count: number): number[] {
  const top = Math.max(-min, max);
  return Array.from({ length: count }, (_, i) => top * ((2 * i + 1) / count - 1));
}

/**
 * The centroids of least squared error. In one dimension k-means has an exact optimum by dynamic programming over sorted
 * values, whose best split moves to the right with the end: divide and conquer finds a row in O(n log n)
 * (Wang and Song, "Ckmeans.1d.dp", The R Journal 2011).
 */
export function bestCentroids(distribution: Distribution, count: number): number[] {
  const points = pointsOf(distribution);
  const n = points.length;
  if (n <= count) return points.map(([x]) => x);
  const [w, wx, wxx] = [prefix(n), prefix(n), prefix(n)];
  points.forEach(([x, weight], i) => {
    w[i + 1] = w[i] + weight;
    wx[i + 1] = wx[i] + weight * x;
    wxx[i + 1] = wxx[i] + weight * x * x;
  });
  /** Squared error of points from … to − 1 about their mean. */
  const cost = (from: number, to: number) => {
    const weight = w[to] - w[from];
    return weight > 0 ? Math.max(0, wxx[to] - wxx[from] - (wx[to] - wx[from]) ** 2 / weight) : 0;
  };
  let row = Float64Array.from({ length: n + 1 }, (_, to) => cost(0, to));
  const splits: Int32Array[] = [];
  for (let k = 1; k < count; k++) {
    const next = new Float64Array(n + 1);
    const split = new Int32Array(n + 1);
    const before = row;
    const solve = (low: number, high: number, least: number, most: number): void => {
      if (low > high) return;
      const to = (low + high) >> 1;
      let [best, at] = [Infinity, least];
      for (let from = least; from <= Math.min(most, to); from++) {
        const total = before[from] + cost(from, to);
        if (total < best) [best, at] = [total, from];
      }
      next[to] = best;
      split[to] = at;
      solve(low, to - 1, least, at);
      solve(to + 1, high, at, most);
    };
    solve(0, n, 0, n);
    splits.push(split);
    row = next;
  }
  const centroids: number[] = [];
  let to = n;
  for (let k = count - 1; k >= 0; k--) {
    const from = k === 0 ? 0 : splits[k - 1][to];
    if (w[to] > w[from]) centroids.unshift((wx[to] - wx[from]) / (w[to] - w[from]));
    to = from;
  }
  return centroids;
}

const prefix = (n: number) => new Float64Array(n + 1);

/** Values and their weights, ascending, zeros among them. */
function pointsOf({ values, weights, zeros }: Distribution): (readonly [number, number])[] {
  const points = Array.from(values, (x, i) => [x, weights[i]] as const).filter(([, weight]) => weight > 0);
  return (zeros > 0 ? [...points, [0, zeros] as const] : points).sort(([a], [b]) => a - b);
}
