import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseQuantParams } from '../../numerics/affine';
import { INT8_ACTIVATION, INT8_WEIGHT, type IntFormat } from '../../number-formats/format';
import { binned, cutOff, laplace, normal, student, uniform } from '../../../testing/oracles/densities';
import { ofHistogram, ofValues } from '../distribution';
import { Observer } from '../observer';
import { quantizationError } from '../quantization-error';
import type { Distribution } from '../types';
import { mse } from './mse';
import { percentile } from './percentile';
import { ESTIMATORS, estimatorOf } from './table';

const narrow = (bits: number): IntFormat => ({ kind: 'int', bits, symmetric: true, narrow: true });

function sqnr(distribution: Distribution, range: { min: number; max: number }, format: IntFormat): number {
  const { values, weights } = distribution;
  const { clipping, rounding } = quantizationError(distribution, chooseQuantParams(range, format), format);
  return 10 * Math.log10(values.reduce((sum, x, i) => sum + weights[i] * x * x, 0) / (clipping + rounding));
}

// Oracles §4: counts = round(1e7 · ΔCDF) in 2048 bins; tolerance one bin.
const tenMillion = (mass: number) => Math.round(1e7 * mass);
const halfNormal = binned((x) => 2 * normal(x), 0, 8, 2048, tenMillion);
const halfLaplace = binned((x) => Math.exp(-x), 0, 16, 2048, tenMillion);

describe('percentile', () => {
  it.each([
    ['half-normal', halfNormal, 99.9, 3.2890625],
    ['half-normal', halfNormal, 99.99, 3.88671875],
    ['half-normal', halfNormal, 99.999, 4.3828125],
    ['half-Laplace', halfLaplace, 99.9, 6.8984375],
    ['half-Laplace', halfLaplace, 99.99, 9.1640625],
    ['half-Laplace', halfLaplace, 99.999, 11.1796875],
  ])('of the %s, case %$: to a bin', (_, distribution, p, expected) => {
    for (const format of [INT8_ACTIVATION, INT8_WEIGHT]) {
      const { min, max } = percentile.estimate(distribution, format, { p });
      expect(Math.abs(max - expected)).toBeLessThanOrEqual(distribution.binWidth);
      expect(min).toBe(0);
    }
  });

  it('is exact on exact values: the rank among them', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i % 2 ? 1 : -1) * (i + 1));
    expect(percentile.estimate(ofValues(values), INT8_ACTIVATION, { p: 99 })).toEqual({ min: -979, max: 980 });
    expect(percentile.estimate(ofValues(values), INT8_WEIGHT, { p: 99 })).toEqual({ min: -990, max: 990 });
  });

  it('counts the zeros', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i < 985 ? 0 : i - 984)); // 985 zeros, then 1 … 15
    expect(percentile.estimate(ofValues(values), INT8_ACTIVATION, { p: 99 })).toEqual({ min: 0, max: 5 });
  });

  it('does not take everything from a distribution that is nearly all zeros', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i === 7 ? 3 : 0));
    for (const format of [INT8_ACTIVATION, INT8_WEIGHT])
      expect(percentile.estimate(ofValues(values), format, { p: 99 })).toEqual({ min: 0, max: 3 });
  });

  it('finds the same in a histogram to within a bin', () => {
    const values = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i * 78.233) * 3 + Math.sin(i * 1.7));
    const observer = new Observer();
    observer.observe(values);
    const stats = observer.stats();
    const sorted = values.slice().sort();
    for (const p of [99, 99.9, 99.99]) {
      const { min, max } = percentile.estimate(ofHistogram(stats), INT8_ACTIVATION, { p });
      expect(Math.abs(max - sorted[Math.ceil((20_000 * p) / 100) - 1])).toBeLessThanOrEqual(stats.histogram.width);
      expect(Math.abs(min - sorted[Math.ceil((20_000 * (100 - p)) / 100) - 1])).toBeLessThanOrEqual(
        stats.histogram.width,
      );
    }
  });

  it('at 100 is min–max', () => {
    for (const distribution of [halfNormal, ofValues(Float32Array.of(-3, 0, 0, 7))])
      for (const format of [INT8_ACTIVATION, INT8_WEIGHT])
        expect(percentile.estimate(distribution, format, { p: 100 })).toEqual(
          estimatorOf('minmax')!.estimate(distribution, format, {}),
        );
  });
});

describe('mse', () => {
  it.each([
    ['half-normal', halfNormal, 8, 3.966796875],
    ['half-normal', halfNormal, 4, 2.474609375],
    ['half-Laplace', halfLaplace, 8, 9.63671875],
    ['half-Laplace', halfLaplace, 4, 4.81640625],
  ])('clips the %s where the oracle does, case %$', (_, distribution, bits, expected) => {
    const { max } = mse.estimate(distribution, narrow(bits), {});
    // The 8-bit optimum is flat: 2 %. Otherwise one bin, and what the search tolerates.
    const tolerance = bits === 8 ? 0.02 * expected : distribution.binWidth + 2e-3 * expected;
    expect(Math.abs(max - expected)).toBeLessThanOrEqual(tolerance);
  });

  // Oracles §2.
  it.each([
    ['normal', normal, 2, 1.224, 7.21],
    ['normal', normal, 3, 1.953, 13.29],
    ['normal', normal, 4, 2.474, 18.9],
    ['normal', normal, 6, 3.269, 29.71],
    ['normal', normal, 8, 3.92, 40.54],
    ['Laplace', laplace, 2, 1.414, 5.78],
    ['Laplace', laplace, 3, 2.466, 10.8],
    ['Laplace', laplace, 4, 3.408, 15.62],
    ['Laplace', laplace, 6, 5.204, 25.26],
    ['Laplace', laplace, 8, 6.989, 35.18],
  ])('reaches the optimum of the %s, case %$', (_, density, bits, clip, expected) => {
    const reach = density === normal ? 10 : 40;
    const distribution = binned(density, -reach, reach, 16_384);
    const range = mse.estimate(distribution, narrow(bits), {});
    expect(Math.abs(range.max - clip)).toBeLessThanOrEqual(0.01 * clip);
    expect(range.min).toBe(-range.max);
    expect(Math.abs(sqnr(distribution, range, narrow(bits)) - expected)).toBeLessThanOrEqual(0.05);
  });

  it.each([
    [2, 9.54],
    [3, 16.9],
    [4, 23.52],
    [6, 35.99],
    [8, 48.13],
  ])('takes all of a uniform distribution at %d bits: 20·log10(2^b − 1) = %d dB', (bits, expected) => {
    const distribution = binned(uniform, -1, 1, 65_536);
    const range = mse.estimate(distribution, narrow(bits), {});
    // The end codes' outer half cells are best left to clipping, so the optimum is at 1 − 2^-b.
    const found = sqnr(distribution, range, narrow(bits));
    expect(Math.abs(found - 20 * Math.log10(2 ** bits - 1)), found.toFixed(3)).toBeLessThanOrEqual(0.02);
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(0.05);
  });

  // Oracles §1, INT8 as −128..127 with Δ = maxval/127.
  it.each([
    ['uniform', binned(uniform, -1, 1, 65_536), 48.13, 0.05],
    ['normal', binned(normal, -10, 10, 65_536), 40.57, 0.05],
    ['Laplace', binned(laplace, -40, 40, 65_536), 35.21, 0.05],
    ['Student-t 8', cutOff(student(8), 100, 65_536), 34.41, 0.1],
    ['Student-t 6', cutOff(student(6), 100, 65_536), 31.56, 0.1],
    ['Student-t 4', cutOff(student(4), 100, 65_536), 25.3, 0.1],
  ])('reaches the best SQNR of INT8 for the %s', (_, distribution, expected, tolerance) => {
    const wide: IntFormat = { kind: 'int', bits: 8, symmetric: true, narrow: false };
    expect(Math.abs(sqnr(distribution, mse.estimate(distribution, wide, {}), wide) - expected)).toBeLessThanOrEqual(
      tolerance,
    );
  });

  it('is never worse than min–max, nor than any range of a fine grid by more than 0.05 dB', () => {
    for (const [density, lo, hi] of [
      [normal, -4, 9],
      [normal, 0, 20],
      [laplace, -12, 30],
      [(x: number) => normal(x - 3), -9, 12],
    ] as const) {
      const distribution = binned(density, lo, hi, 2048);
      const found = sqnr(distribution, mse.estimate(distribution, INT8_ACTIVATION, {}), INT8_ACTIVATION);
      let best = -Infinity;
      for (let i = 1; i <= 40; i++)
        for (let k = 1; k <= 40; k++)
          best = Math.max(best, sqnr(distribution, { min: (lo * i) / 40, max: (hi * k) / 40 }, INT8_ACTIVATION));
      expect(found).toBeGreaterThanOrEqual(best - 0.05);
    }
  });
});

describe('every estimator', () => {
  const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { maxLength: 60 });

  it('stays within the values and 0, on exact values and on histograms', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(INT8_ACTIVATION, INT8_WEIGHT), (list, format) => {
        const data = Float32Array.from(list);
        const observer = new Observer();
        observer.observe(data);
        for (const distribution of [ofValues(data), ofHistogram(observer.stats())])
          for (const estimator of ESTIMATORS) {
            const { min, max } = estimator.estimate(distribution, format, {});
            expect(min).toBeLessThanOrEqual(0);
            expect(max).toBeGreaterThanOrEqual(0);
            expect(min).toBeGreaterThanOrEqual(Math.min(0, ...data));
            expect(max).toBeLessThanOrEqual(Math.max(0, ...data));
            expect(() => chooseQuantParams({ min, max }, format)).not.toThrow();
          }
      }),
      { numRuns: 40 }, // of a dozen estimators on two distributions each
    );
  });

  it('says what it does, with defaults inside their limits', () => {
    expect(new Set(ESTIMATORS.map(({ id }) => id)).size).toBe(ESTIMATORS.length);
    for (const { explain, params } of ESTIMATORS) {
      expect(explain).toMatch(/\.$/);
      for (const p of params) expect(p.default >= p.min && p.default <= p.max).toBe(true);
    }
    expect(estimatorOf('manual')).toBeUndefined();
  });
});
