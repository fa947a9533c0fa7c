import { describe, expect, it } from 'vitest';
import { Random } from '../../../base/random';
import type { Distribution } from '../../calibration/types';
import { bestCentroids, codebookError, evenGrid } from './codebook';
import { dotProduct } from './dot-product';
import { packedBytes } from './packing';

function distribution(values: readonly number[], zeros = 0): Distribution {
  const sorted = Float64Array.from([...values].sort((a, b) => a - b));
  return { min: sorted[0], max: sorted.at(-1)!, zeros, values: sorted, weights: new Float64Array(sorted.length).fill(1), binWidth: 0 }; // prettier-ignore
}

/** Least error over every way to cut the sorted values into `count` groups. */
function bruteForce(values: readonly number[], count: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cost = (group: readonly number[]) => {
    const mean = group.reduce((sum, x) => sum + x, 0) / group.length;
    return group.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  };
  const least = (from: number, groups: number): number => {
    if (groups === 1) return cost(sorted.slice(from));
    let best = Infinity;
    for (let to = from + 1; to <= sorted.length - groups + 1; to++)
      best = Math.min(best, cost(sorted.slice(from, to)) + least(to, groups - 1));
    return best;
  };
  return Math.sqrt(least(0, count) / sorted.length);
}

describe('a codebook', () => {
  it('of least error is what trying everything finds', () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = new Random(seed);
      const values = Array.from({ length: 12 }, () => random.uniform(-1, 1) ** 3);
      const given = distribution(values);
      for (const count of [1, 2, 3, 4])
        expect(codebookError(given, bestCentroids(given, count))).toBeCloseTo(bruteForce(values, count), 9);
    }
  });

  it('has no error where there are no more values than centroids, zeros counted', () => {
    const given = distribution([-1, 2, 2.5], 5);
    expect(codebookError(given, bestCentroids(given, 4))).toBe(0);
    expect(bestCentroids(given, 4)).toEqual([-1, 0, 2, 2.5]);
  });

  it('beats the even grid', () => {
    const random = new Random(3);
    const given = distribution(Array.from({ length: 500 }, () => random.uniform(-1, 1) ** 5));
    expect(codebookError(given, bestCentroids(given, 16))).toBeLessThan(0.8 * codebookError(given, evenGrid(1, 16)));
    expect(evenGrid(7, 16)).toEqual(Array.from({ length: 15 }, (_, i) => expect.closeTo(i - 7, 9)));
  });
});

it('a dot product is that of the runtime, by hand', () => {
  const figure = {
    type: 'dot-product',
    inputs: [-28, 72, 12, -128],
    weights: [50, -30, 127, 10],
    inputZeroPoint: -128,
    bias: 0.5,
    inputScale: 0.01,
    weightScale: 0.02,
    outputScale: 0.05,
    outputZeroPoint: -128,
  } as const;
  // (−28+128)·50 + (72+128)·(−30) + (12+128)·127 + 0·10 = 5000 − 6000 + 17780; 0.5/0.0002 = 2500.
  const result = dotProduct({ ...figure, inputs: [...figure.inputs], weights: [...figure.weights] });
  expect(result.products).toEqual([5000, -6000, 17780, 0]);
  expect(result).toMatchObject({ biasCode: 2500, accumulator: 19280 });
  // 19280 · 0.004 = 77.12 → 77 − 128.
  expect(result.multiplier).toBeCloseTo(0.004, 12);
  expect(result.output).toBe(-51);
  expect(result.exact).toBeCloseTo(3.856, 9);
  expect(result.real).toBeCloseTo(3.85, 9);
});

it('4-bit codes are packed with the first in the low half (oracle: TensorFlow Lite)', () => {
  expect(packedBytes({ type: 'packing', codes: [2, 1, 4, 3] })).toEqual([0x12, 0x34]);
  expect(packedBytes({ type: 'packing', codes: [-1, -8, 7] })).toEqual([0x8f, 0x07]);
});
