/** Formats against the oracles' signal-to-noise figures, by exact integration of the error over fine bins. */
import { describe, expect, it } from 'vitest';
import {
  binned,
  cutOff,
  integrate,
  laplace,
  normal,
  power,
  student,
  uniform,
  type Density,
} from '../../testing/oracles/densities';
import { quantizationError } from '../calibration/quantization-error';
import type { Distribution } from '../calibration/types';
import { chooseQuantParams } from '../numerics/affine';
import type { IntFormat, NumberFormat } from './format';
import { codecOf } from './codecs';
import { formatOf } from './table';

const WIDE_INT8: IntFormat = { kind: 'int', bits: 8, symmetric: true, narrow: false };
const formats: Readonly<Record<string, NumberFormat>> = {
  INT8: WIDE_INT8,
  E2M5: formatOf('flex-e2m5')!.weights as NumberFormat,
  E3M4: formatOf('flex-e3m4')!.weights as NumberFormat,
  E4M3: formatOf('flex-e4m3')!.weights as NumberFormat,
  E5M2: formatOf('flex-e5m2')!.weights as NumberFormat,
};
const NAMES = Object.keys(formats);

function sqnr(distribution: Distribution, clip: number, format: NumberFormat): number {
  const params = chooseQuantParams({ min: -clip, max: clip }, format);
  const { clipping, rounding } = quantizationError(distribution, params, format);
  return 10 * Math.log10(power(distribution) / (clipping + rounding));
}

/** The best over a fine grid of clips, refined around its best: the curve has ripples, so nothing cleverer. */
function bestSqnr(distribution: Distribution, reach: number, format: NumberFormat): number {
  let best = -Infinity;
  let at = reach;
  const visit = (clip: number) => {
    const value = sqnr(distribution, clip, format);
    if (value > best) [best, at] = [value, clip];
  };
  for (let clip = reach * 2; clip > reach / 200; clip *= 0.95) visit(clip);
  const centre = at;
  for (let i = -20; i <= 20; i++) visit(centre * (1 + i * 0.0025));
  return best;
}

// Oracles §1.
describe('best SQNR of 8-bit formats', () => {
  it.each<[string, Density, number, number, number[]]>([
    ['uniform', uniform, 1, 0.05, [48.13, 44.49, 38.66, 32.74, 26.91]],
    ['normal', normal, 10, 0.05, [40.57, 42.67, 37.56, 31.56, 25.58]],
    ['Laplace', laplace, 40, 0.05, [35.21, 39.45, 37.54, 31.54, 25.56]],
  ])('%s', (_, density, reach, tolerance, expected) => {
    const distribution = binned(density, -reach, reach, 16_384);
    NAMES.forEach((name, i) => {
      const found = bestSqnr(distribution, reach, formats[name]);
      expect(Math.abs(found - expected[i]), `${name}: ${found.toFixed(3)}`).toBeLessThanOrEqual(tolerance);
    });
  });

  // The oracle truncates values, not the density: what lies beyond ±100 is ±100. For ν = 4 that is worth 0.2 dB.
  it.each([
    [8, [34.41, 38.43, 37.52, 31.54, 25.56]],
    [6, [31.56, 35.4, 37.4, 31.54, 25.56]],
    [4, [25.3, 28.57, 36.67, 31.54, 25.56]],
  ])('Student-t %d', (nu, expected) => {
    const distribution = cutOff(student(nu), 100, 16_384);
    NAMES.forEach((name, i) => {
      const found = bestSqnr(distribution, 100, formats[name]);
      expect(Math.abs(found - expected[i]), `${name}: ${found.toFixed(3)}`).toBeLessThanOrEqual(0.1);
    });
  });

  it.each([
    ['INT8', 3.905],
    ['E2M5', 4.35],
    ['E3M4', 5.11],
  ])('of the normal is reached with %s at a clip of %dσ', (name, clip) => {
    const distribution = binned(normal, -10, 10, 16_384);
    const best = bestSqnr(distribution, 10, formats[name]);
    expect(Math.abs(sqnr(distribution, clip, formats[name]) - best)).toBeLessThanOrEqual(0.05);
  });

  it('all about the outliers: E3M4 overtakes E2M5 near ν = 7, E4M3 overtakes INT8 near ν = 6', () => {
    const at = (nu: number, name: string) => bestSqnr(binned(student(nu), -100, 100, 16_384), 100, formats[name]);
    expect(at(6.5, 'E3M4')).toBeGreaterThan(at(6.5, 'E2M5'));
    expect(at(7.5, 'E3M4')).toBeLessThan(at(7.5, 'E2M5'));
    expect(at(5.5, 'E4M3')).toBeGreaterThan(at(5.5, 'INT8'));
    expect(at(6.5, 'E4M3')).toBeLessThan(at(6.5, 'INT8'));
  });
});

describe('SQNR as the range of a normal distribution grows', () => {
  const distribution = binned(normal, -12, 12, 65_536);
  const narrow: IntFormat = { ...WIDE_INT8, narrow: true };

  it.each([
    [4, [40.51, 42.42, 37.39, 31.5, 25.56]],
    [8, [34.81, 40.24, 37.53, 31.53, 25.57]],
    [16, [28.79, 34.74, 37.52, 31.53, 25.57]],
    [32, [22.76, 28.72, 37.44, 31.53, 25.57]],
    [128, [10.72, 16.68, 34.12, 31.53, 25.57]],
  ])('%dσ', (k, expected) => {
    NAMES.forEach((name, i) => {
      const found = sqnr(distribution, k, name === 'INT8' ? narrow : formats[name]);
      expect(Math.abs(found - expected[i]), `${name}: ${found.toFixed(3)}`).toBeLessThanOrEqual(0.05);
    });
  });

  it('has closed forms: 6.02·M + 13.46 dB for floats that do not clip, 10·log10(12·127²/k²) for INT8', () => {
    for (const [name, mantissaBits] of [
      ['E4M3', 3],
      ['E5M2', 2],
    ] as const)
      expect(Math.abs(sqnr(distribution, 32, formats[name]) - (6.02 * mantissaBits + 13.46))).toBeLessThan(0.1);
    for (const k of [8, 16, 32])
      expect(sqnr(distribution, k, narrow)).toBeCloseTo(10 * Math.log10((12 * 127 ** 2) / k ** 2), 1);
  });

  it.each([
    ['E3M4', 5.84],
    ['E4M3', 11.68],
    ['E5M2', 23.36],
  ])('INT8 falls below %s at %dσ', (name, k) => {
    const lead = (x: number) => sqnr(distribution, x, narrow) - sqnr(distribution, x, formats[name]);
    expect(lead(k * 0.99)).toBeGreaterThan(0);
    expect(lead(k * 1.01)).toBeLessThan(0);
  });
});

// Oracles §3: each element errs on the scale of its block, which the largest of 32 chooses. With F(c) = P(|x| < c) and
// G_k(c) = ∫_{|x|<c} error² φ on the scale of binade k, the error where the block's largest lies in that binade is
// G_k(2^(k+1))·F(2^(k+1))^31 − G_k(2^k)·F(2^k)^31: exact, no sampling.
describe('MX formats on N(0,1), blocks of 32', () => {
  it.each([
    ['mxint8', 41.67],
    ['mxfp8-e4m3', 30.64],
    ['mxfp8-e5m2', 25.36],
    ['mxfp6-e2m3', 30.94],
    ['mxfp6-e3m2', 25.36],
    ['mxfp4', 18.79],
  ])('%s: %d dB', (id, expected) => {
    const format = formatOf(id)!.weights;
    if (format.kind !== 'block') throw new Error(`${id} is no block format`);
    const codec = codecOf(format.element);
    const within = (c: number) => 2 * integrate(normal, 0, c, 200);
    let noise = 0;
    for (let k = -8; k <= 3; k++) {
      const params = { scale: format.unit * 2 ** (k - format.largestExponent), zeroPoint: 0 };
      const squared = (x: number) => (x - codec.decode(codec.encode(x, params), params)) ** 2 * normal(x);
      // Cells end at multiples of half the smallest step, so parts that divide it see a smooth function.
      const error = (c: number) => 2 * integrate(squared, 0, c, 8192);
      noise += error(2 ** (k + 1)) * within(2 ** (k + 1)) ** 31 - error(2 ** k) * within(2 ** k) ** 31;
    }
    const found = -10 * Math.log10(noise);
    expect(Math.abs(found - expected), found.toFixed(3)).toBeLessThanOrEqual(0.05);
  });
});
