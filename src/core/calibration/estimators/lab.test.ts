/** The estimators of the range lab against the oracles and against their definitions. */
import { describe, expect, it } from 'vitest';
import { binned, integrate, laplace, normal } from '../../../testing/oracles/densities';
import { Random } from '../../../base/random';
import { chooseQuantParams, dequantize, quantize } from '../../numerics/affine';
import {
  codeRange,
  INT8_ACTIVATION,
  INT8_WEIGHT,
  type IntFormat,
  type NumberFormat,
} from '../../number-formats/format';
import { formatOf } from '../../number-formats/table';
import { normalTail } from '../../numerics/normal';
import { ofHistogram, ofValues } from '../distribution';
import { Observer } from '../observer';
import { quantizationError } from '../quantization-error';
import type { Distribution, Range } from '../types';
import { aciq, gaussianClip, laplaceClip } from './aciq';
import { crossEntropy } from './cross-entropy';
import { entropy } from './entropy';
import { lsq } from './lsq';
import { movingAverage } from './moving-average';
import { mse } from './mse';
import { octav } from './octav';
import { sqnr } from './sqnr';
import { ESTIMATORS } from './table';

const narrow = (bits: number): IntFormat => ({ kind: 'int', bits, symmetric: true, narrow: true });
// Oracles §4: counts = round(1e7 · ΔCDF) in 2048 bins.
const tenMillion = (mass: number) => Math.round(1e7 * mass);
const halfNormal = binned((x) => 2 * normal(x), 0, 8, 2048, tenMillion);
const halfLaplace = binned((x) => Math.exp(-x), 0, 16, 2048, tenMillion);

describe('entropy', () => {
  it.each([
    ['half-normal', halfNormal, 8, 4.6953125],
    ['half-normal', halfNormal, 4, 3.50390625],
    ['half-Laplace', halfLaplace, 8, 10.859375],
    ['half-Laplace', halfLaplace, 4, 6.125],
  ])('clips the %s where the oracle does, to a bin, case %$', (_, distribution, bits, expected) => {
    const { min, max } = entropy.estimate(distribution, narrow(bits), {});
    expect(min).toBe(0);
    expect(Math.abs(max - expected)).toBeLessThanOrEqual(distribution.binWidth);
  });

  /** The algorithm as NVIDIA's text says it, bin by bin. */
  function naive(counts: number[], levels: number): number {
    const bins = counts.slice();
    bins[0] = bins[1];
    let [best, least] = [0, Infinity];
    for (let i = 128; i <= bins.length; i++) {
      const p = bins.slice(0, i);
      const q = new Array<number>(i).fill(0);
      for (let level = 0; level < levels; level++) {
        const own = q.flatMap((_, j) => (Math.floor((j * levels) / i) === level && p[j] > 0 ? [j] : []));
        for (const j of own) q[j] = own.reduce((sum, k) => sum + p[k], 0) / own.length;
      }
      p[i - 1] += bins.slice(i).reduce((a, b) => a + b, 0);
      const [sumP, sumQ] = [p, q].map((d) => d.reduce((a, b) => a + b, 0));
      const divergence = p.reduce((d, v, j) => (v > 0 ? d + (v / sumP) * Math.log(v / sumP / (q[j] / sumQ)) : d), 0);
      if (divergence <= least + 1e-12) [best, least] = [i, Math.min(least, divergence)];
    }
    return best;
  }

  it('finds what the definition finds, on a rough histogram with gaps', () => {
    const random = new Random(5);
    const counts = Array.from({ length: 300 }, (_, i) =>
      i % 7 === 3 ? 0 : Math.round(2000 * Math.exp(-((i / 60) ** 2)) * random.uniform(0.5, 1.5)),
    );
    counts[299] = 3;
    const values = Float64Array.from(counts, (_, i) => i + 0.5);
    const distribution = { min: 0, max: 300, zeros: 0, values, weights: Float64Array.from(counts), binWidth: 1 };
    expect(entropy.estimate(distribution, narrow(5), {}).max).toBe(naive(counts, 16));
  });

  it('merges neighbouring bins until there are no more than asked for', () => {
    for (const [most, merged] of [
      [1024, 2],
      [900, 3],
      [256, 8],
    ]) {
      const counts = Array.from({ length: Math.ceil(2048 / merged) }, (_, i) =>
        halfNormal.weights.slice(i * merged, (i + 1) * merged).reduce((a, b) => a + b, 0),
      );
      const { max } = entropy.estimate(halfNormal, narrow(8), { bins: most });
      expect(max).toBeCloseTo(naive(counts, 128) * merged * halfNormal.binWidth, 12);
    }
  });

  it('folds both signs and uses all codes of a one-sided range', () => {
    const both = binned(normal, -8, 8, 4096, (mass) => Math.round(2e7 * mass) / 2);
    const { min, max } = entropy.estimate(both, narrow(8), {});
    expect(max).toBeCloseTo(4.6953125, 2);
    expect(min).toBe(-max);
    // 256 levels of a one-sided asymmetric range against the 128 of a symmetric one.
    expect(entropy.estimate(halfNormal, INT8_ACTIVATION, {}).max).not.toBe(max);
  });

  it('keeps the min–max of a few values', () => {
    const few = ofValues(Float32Array.from({ length: 500 }, (_, i) => Math.sin(i)));
    expect(entropy.estimate(few, INT8_WEIGHT, {})).toEqual({ min: few.min, max: few.max });
  });
});

describe('sqnr', () => {
  it('is least squared error at γ = 1, and clips ever less as γ grows', () => {
    for (const format of [narrow(4), INT8_ACTIVATION]) {
      const distribution = binned(normal, -6, 9, 2048);
      expect(sqnr.estimate(distribution, format, { gamma: 1 })).toEqual(mse.estimate(distribution, format, {}));
      const reaches = [1, 2, 3, 5, 10].map((gamma) => sqnr.estimate(distribution, format, { gamma }).max);
      for (let i = 1; i < reaches.length; i++) expect(reaches[i]).toBeGreaterThan(reaches[i - 1]);
    }
  });

  it('is where γ·clipping + rounding of a normal distribution is least', () => {
    // Narrow 4 bits: the derivative in the clip c of rounding (c/7)²/12 inside and γ·2∫(x − c)²φ outside, by quadrature.
    const cost = (c: number) => {
      const step = c / 7;
      let sum = 6 * integrate((x) => (x - c) ** 2 * normal(x), c + step / 2, 12, 400); // γ = 3, both sides
      const edges = Array.from({ length: 8 }, (_, k) => k * step);
      for (const v of edges)
        sum += 2 * integrate((x) => (x - v) ** 2 * normal(x), Math.max(0, v - step / 2), v + step / 2, 8);
      return sum;
    };
    let best = 2;
    for (let c = 2; c < 4; c += 0.002) if (cost(c) < cost(best)) best = c;
    const { max } = sqnr.estimate(binned(normal, -10, 10, 16_384), narrow(4), { gamma: 3 });
    expect(Math.abs(max - best)).toBeLessThan(0.02);
  });
});

describe('octav', () => {
  // Oracles §2. The fixed point of the full-range rule 4^−B/3, so the grid's narrowness does not matter.
  it.each([
    [4, 2.5621],
    [8, 3.9241],
  ])('of N(0,1), %d bits: %dσ', (bits, expected) => {
    const { min, max } = octav.estimate(binned(normal, -10, 10, 65_536), narrow(bits), {});
    expect(Math.abs(max - expected)).toBeLessThan(1e-3);
    expect(min).toBe(-max);
  });

  it('is a fixed point of its rule on exact values, zeros aside', () => {
    const random = new Random(3);
    const values = Float32Array.from({ length: 4000 }, (_, i) => (i % 4 === 0 ? 0 : random.gaussian()));
    const { max: s } = octav.estimate(ofValues(values), narrow(4), {});
    const magnitudes = [...values].map(Math.abs).filter((x) => x > 0);
    const above = magnitudes.filter((x) => x > s);
    const next = above.reduce((a, b) => a + b, 0) / ((4 ** -4 / 3) * (magnitudes.length - above.length) + above.length);
    expect(next).toBeCloseTo(s, 5);
  });

  it('has twice as fine steps where the range is one-sided and the grid is not symmetric', () => {
    const one = octav.estimate(halfNormal, { ...INT8_ACTIVATION, bits: 4 }, {});
    const finer = octav.estimate(halfNormal, narrow(5), {});
    expect(one).toEqual(finer);
  });
});

describe('aciq', () => {
  // Oracles §2.
  it('solves for the published clips', () => {
    const gaussian = [1.7106, 2.1516, 2.5591, 2.9362, 3.2869, 3.6151, 3.924];
    const double = [2.8307, 3.8972, 5.0286, 6.2048, 7.4131, 8.6456, 9.8968];
    gaussian.forEach((clip, i) => expect(Math.abs(gaussianClip(i + 2) - clip)).toBeLessThan(1e-4));
    double.forEach((clip, i) => expect(Math.abs(laplaceClip(i + 2) - clip)).toBeLessThan(1e-4));
  });

  it('takes σ or the mean magnitude from the histogram', () => {
    const bell = binned((x) => normal(x / 3) / 3, -30, 30, 16_384);
    expect(aciq.estimate(bell, narrow(4), { shape: 0 }).max).toBeCloseTo(3 * 2.5591, 2);
    const peak = binned(laplace, -30, 30, 16_384); // b = 1/√2
    expect(aciq.estimate(peak, narrow(4), { shape: 1 }).max).toBeCloseTo(5.0286 / Math.SQRT2, 2);
    expect(aciq.estimate(halfLaplace, narrow(8), { shape: 1 }).max).toBeCloseTo(9.8968, 1);
  });

  it('takes a one-sided range for half of a symmetric one, with a bit more', () => {
    expect(aciq.estimate({ ...halfNormal, zeros: 1e8 }, INT8_ACTIVATION, { shape: 0 }).max).toBeCloseTo(
      gaussianClip(9),
      2,
    );
  });

  it('follows the mean where the grid may', () => {
    const shifted = binned((x) => normal(x - 1), -9, 11, 16_384);
    const { min, max } = aciq.estimate(shifted, { ...INT8_ACTIVATION, bits: 4 }, { shape: 0 });
    expect((min + max) / 2).toBeCloseTo(1, 3);
    expect((max - min) / 2).toBeCloseTo(2.5591, 2);
  });

  it('needs the normal tail to full precision', () => {
    // Wikipedia's table of Q: 15 digits of ½·erfc(x/√2).
    expect(normalTail(1)).toBeCloseTo(0.15865525393145707, 15);
    expect(normalTail(2.999999) / normalTail(3.000001)).toBeCloseTo(1 + (2e-6 * normal(3)) / normalTail(3), 9);
    expect(normalTail(5) / 2.866515718791939e-7).toBeCloseTo(1, 12);
    expect(normalTail(-1.3) + normalTail(1.3)).toBeCloseTo(1, 15);
    expect(normalTail(1.5)).toBeCloseTo(integrate(normal, 1.5, 14, 400), 14);
  });
});

// Oracles §6: s = 2·mean|v| / √Q_P.
describe('lsq', () => {
  it('starts from twice the mean magnitude over √Q', () => {
    const values = Float32Array.of(0.5, -1.5, 0, 1, 4);
    const range = lsq.estimate(ofValues(values), narrow(3), {});
    const step = (2 * 1.4) / Math.sqrt(3);
    expect(step * 3).toBeGreaterThan(4); // what was seen is the limit
    expect(range).toEqual({ min: -1.5, max: 4 });
    const { scale } = chooseQuantParams(lsq.estimate(ofValues(values), narrow(2), {}), narrow(2));
    expect(scale).toBeCloseTo((2 * 1.4) / Math.sqrt(1), 6);
  });

  it.each([2, 3, 4, 5])('of N(0,1), whose mean magnitude is √(2/π), %d bits', (bits) => {
    const format = { ...narrow(bits), narrow: false };
    const largest = 2 ** (bits - 1) - 1;
    const { scale } = chooseQuantParams(lsq.estimate(binned(normal, -10, 10, 65_536), format, {}), format);
    expect(scale).toBeCloseTo((2 * Math.sqrt(2 / Math.PI)) / Math.sqrt(largest), 4);
  });

  it('has all codes for one side of an asymmetric grid, zeros counted', () => {
    const half = { ...halfNormal, zeros: 1e7 }; // as after a ReLU: E|x| = ½·√(2/π)
    const format: IntFormat = { ...INT8_ACTIVATION, bits: 4 };
    expect(lsq.estimate(half, format, {}).max).toBeCloseTo(Math.sqrt(2 / Math.PI) * Math.sqrt(15), 3);
  });
});

describe('moving average', () => {
  it('follows the extrema of batches', () => {
    const observer = new Observer();
    for (const [min, max] of [
      [-1, 4],
      [-3, 2],
      [0, 8],
    ])
      observer.observeBatch(Float32Array.of(min, 0.5, max));
    const distribution = ofHistogram(observer.stats());
    const range = movingAverage.estimate(distribution, INT8_ACTIVATION, { momentum: 0.5 });
    expect(range).toEqual({ min: (-1 - 3) / 4, max: ((4 + 2) / 2 + 8) / 2 });
    expect(movingAverage.estimate(distribution, INT8_ACTIVATION, { momentum: 0 })).toEqual({ min: 0, max: 8 });
  });

  it('is min–max without batches', () => {
    const distribution = ofValues(Float32Array.of(-2, 5));
    expect(movingAverage.estimate(distribution, INT8_WEIGHT, {})).toEqual({ min: -2, max: 5 });
  });
});

describe('cross-entropy', () => {
  /** Mean cross-entropy of softmax over rows of logits, against that of the quantized rows. */
  function loss(rows: readonly number[][], range: Range, format: IntFormat): number {
    const params = chooseQuantParams(range, format);
    const { qmin, qmax } = codeRange(format);
    const softmax = (row: readonly number[]) => {
      const top = Math.max(...row);
      const powers = row.map((x) => Math.exp(x - top));
      const sum = powers.reduce((a, b) => a + b);
      return powers.map((p) => p / sum);
    };
    let sum = 0;
    for (const row of rows) {
      const p = softmax(row);
      const q = softmax(row.map((x) => dequantize(quantize(x, params, qmin, qmax), params)));
      p.forEach((v, i) => (sum += v * Math.log(v / q[i])));
    }
    return sum / rows.length;
  }

  it('loses less of softmax than least squared error does: hopeless logits are clipped', () => {
    const random = new Random(11);
    // One class leads by a few, the others trail far behind.
    const rows = Array.from({ length: 400 }, () =>
      Array.from({ length: 10 }, (_, i) => (i < 2 ? 4 + 1.5 * random.gaussian() : -25 + 9 * random.gaussian())),
    );
    const observer = new Observer();
    observer.observe(Float32Array.from(rows.flat()));
    const distribution = ofHistogram(observer.stats());
    const format: IntFormat = { ...INT8_ACTIVATION, bits: 5 };
    const ranges = [crossEntropy, mse].map((estimator) => estimator.estimate(distribution, format, {}));
    expect(ranges[0].min).toBeGreaterThan(ranges[1].min);
    expect(loss(rows, ranges[0], format)).toBeLessThan(0.5 * loss(rows, ranges[1], format));
  });
});

describe('every estimator on floating-point formats', () => {
  it.each(['fp8-e4m3fn', 'fp8-e5m2', 'flex-e2m5', 'fp4-e2m1', 'fp16'])('%s: a range within the values', (id) => {
    const format = formatOf(id)!.weights as NumberFormat;
    const distribution = binned(normal, -5, 7, 2048);
    for (const estimator of ESTIMATORS) {
      const { min, max } = estimator.estimate(distribution, format, {});
      expect(min).toBeGreaterThanOrEqual(-5);
      expect(max).toBeLessThanOrEqual(7);
      expect(max).toBeGreaterThan(0);
    }
  });

  it.each(['fp4-e2m1', 'fp6-e2m3', 'flex-e2m5', 'flex-e3m4', 'fp8-e4m3fn'])('mse of %s is the best there is', (id) => {
    const format = formatOf(id)!.weights as NumberFormat;
    for (const distribution of [binned(normal, -8, 8, 4096), binned(laplace, -20, 20, 4096)]) {
      const errorOf = (reach: number) => {
        const params = chooseQuantParams({ min: -reach, max: reach }, format);
        const { clipping, rounding } = quantizationError(distribution, params, format);
        return 10 * Math.log10(clipping + rounding);
      };
      let least = Infinity;
      for (let reach = distribution.max; reach > 0.5; reach *= 0.99) least = Math.min(least, errorOf(reach));
      expect(errorOf(mse.estimate(distribution, format, {}).max)).toBeLessThanOrEqual(least + 0.05);
    }
  });

  it('integrates the error of float grids as summing over values does', () => {
    const random = new Random(2);
    const values = Float32Array.from({ length: 3000 }, () => 3 * random.gaussian());
    for (const id of ['fp8-e4m3fn', 'fp8-e5m2', 'flex-e2m5', 'fp4-e2m1']) {
      const format = formatOf(id)!.weights as NumberFormat;
      const params = chooseQuantParams({ min: -4, max: 4 }, format);
      const exact = quantizationError(ofValues(values), params, format);
      const observer = new Observer();
      observer.observe(values);
      const binnedError = quantizationError(ofHistogram(observer.stats()), params, format);
      const share = (a: number, b: number) => Math.abs(a - b) / (a + b);
      expect(share(exact.clipping, binnedError.clipping)).toBeLessThan(0.01);
      expect(share(exact.rounding, binnedError.rounding)).toBeLessThan(0.05);
      expect(Math.abs(exact.clipped - binnedError.clipped)).toBeLessThan(5);
    }
  });

  it('an integer grid written as a float one errs alike', () => {
    // E1M6 without specials: 0 … 1.98 in steps of 2^-6 · 2: all subnormal and one binade, so every step is the same.
    const even: NumberFormat = {
      ...(formatOf('flex-e2m5')!.weights as Extract<NumberFormat, { kind: 'float' }>),
      exponentBits: 1,
      mantissaBits: 6,
      bias: 0,
    };
    const distribution: Distribution = binned(laplace, -9, 9, 2048);
    const int = { ...INT8_WEIGHT };
    const asFloat = quantizationError(distribution, chooseQuantParams({ min: -5, max: 5 }, even), even);
    const asInt = quantizationError(distribution, chooseQuantParams({ min: -5, max: 5 }, int), int);
    for (const key of ['clipped', 'clipping', 'rounding'] as const)
      expect(Math.abs(asFloat[key] / asInt[key] - 1)).toBeLessThan(1e-5); // scales are rounded to float32
  });
});
