import { describe, expect, it } from 'vitest';
import { clusterCodes } from './clusters';

/** Squared distances with the best of all ways to cut the sorted values. */
function leastCost(values: readonly number[], k: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cost = (from: number, to: number) => {
    const part = sorted.slice(from, to);
    const mean = part.reduce((a, b) => a + b, 0) / part.length;
    return part.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const best = (from: number, groups: number): number => {
    if (groups === 1 || from === sorted.length) return from === sorted.length ? 0 : cost(from, sorted.length);
    let least = Infinity;
    for (let to = from + 1; to <= sorted.length; to++) least = Math.min(least, cost(from, to) + best(to, groups - 1));
    return least;
  };
  return best(0, k);
}

describe('clusterCodes', () => {
  it.each([2, 3, 4])('is as good as the best of all cuts, with %i groups', (k) => {
    // By a congruential generator: ten codes each time.
    let state = 7;
    for (let trial = 0; trial < 20; trial++) {
      const values = Int8Array.from({ length: 10 }, () => ((state = (state * 75 + 74) % 65537) % 255) - 127);
      const { members } = clusterCodes(values, k);
      let cost = 0;
      for (let group = 0; group < k; group++) {
        const part = [...values].filter((_, i) => members[i] === group);
        const mean = part.reduce((a, b) => a + b, 0) / Math.max(part.length, 1);
        cost += part.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      }
      expect(cost).toBeCloseTo(leastCost([...values], k), 6);
    }
  });

  it('keeps values that are few as they are', () => {
    const values = Int8Array.of(-127, 5, 5, 127, -127);
    const { centers, members } = clusterCodes(values, 16);
    expect([...members].map((member) => centers[member])).toEqual([...values]);
    expect(centers.length).toBe(3);
  });
});
