import type { Distribution } from '../../calibration/types';

/**
 * One step of k-means (Lloyd 1982): each centroid moves to the mean of the values that are nearest to it. One that has none
 * moves to the middle of the interval that holds most of the error, so that it is not lost.
 */
export function movedCentroids({ values, weights, zeros }: Distribution, centroids: readonly number[]): number[] {
  const sorted = [...centroids].sort((a, b) => a - b);
  const sums = sorted.map(() => ({ weight: 0, sum: 0, error: 0 }));
  const add = (x: number, weight: number) => {
    let nearest = 0;
    sorted.forEach((c, i) => {
      if (Math.abs(x - c) < Math.abs(x - sorted[nearest])) nearest = i;
    });
    const cell = sums[nearest];
    cell.weight += weight;
    cell.sum += weight * x;
    cell.error += weight * (x - sorted[nearest]) ** 2;
  };
  values.forEach((x, i) => add(x, weights[i]));
  if (zeros > 0) add(0, zeros);
  const worst = sums.reduce((most, { error }, i) => (error > sums[most].error ? i : most), 0);
  const spare = (sorted[worst] + (sorted[worst + 1] ?? sorted[worst - 1] ?? 0)) / 2;
  return sums.map(({ weight, sum }) => (weight > 0 ? sum / weight : spare)).sort((a, b) => a - b);
}

/** Steps after which k-means has come to rest on any histogram of weights that was tried, several times over. */
const MOST_STEPS = 300;

/** Where k-means comes to rest: an optimum of what lies around the start, which need not be the best of all. */
export function settledCentroids(distribution: Distribution, centroids: readonly number[]): number[] {
  let settled = [...centroids].sort((a, b) => a - b);
  for (let step = 0; step < MOST_STEPS; step++) {
    const moved = movedCentroids(distribution, settled);
    if (moved.every((c, i) => c === settled[i])) break;
    settled = moved;
  }
  return settled;
}
