import { describe, expect, it } from 'vitest';
import { ErrorAccumulator } from '../metrics/error-accumulator';
import { chooseQuantParams, quantize } from '../numerics/affine';
import { codeRange, INT8_ACTIVATION, INT8_WEIGHT, type IntFormat } from '../number-formats/format';
import { Observer } from '../calibration/observer';
import type { Range, TensorStats } from '../calibration/types';
import { clipFigures } from './clip-figures';

/** Bell-shaped, seeded: sums of twelve uniform numbers. */
function bell(count: number, seed: number): Float32Array {
  let state = seed;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0), state / 2 ** 32);
  return Float32Array.from({ length: count }, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += uniform();
    return sum;
  });
}

function statsOf(values: Float32Array): TensorStats {
  const observer = new Observer();
  observer.observe(values);
  return observer.stats();
}

/** The same figures from the values themselves. */
function direct(values: Float32Array, range: Range, format: IntFormat) {
  const params = chooseQuantParams(range, format);
  const { qmin, qmax } = codeRange(format);
  const { scale, zeroPoint } = params;
  let [clipped, clipping, rounding] = [0, 0, 0];
  const errors = new ErrorAccumulator();
  const tests = Float64Array.from(values, (x) => scale * (quantize(x, params, qmin, qmax) - zeroPoint));
  errors.add(values, tests);
  values.forEach((x, i) => {
    const isClipped = x > (qmax - zeroPoint + 0.5) * scale || x < (qmin - zeroPoint - 0.5) * scale;
    clipped += Number(isClipped);
    if (isClipped) clipping += (x - tests[i]) ** 2;
    else rounding += (x - tests[i]) ** 2;
  });
  const n = values.length;
  return {
    clippedShare: clipped / n,
    clippingMse: clipping / n,
    roundingMse: rounding / n,
    sqnrDb: errors.result().sqnrDb,
  };
}

const normal = bell(200_000, 1);
const relu = normal.map((x) => Math.max(0, x - 0.5));
const tailed = normal.map((x, i) => (i % 1000 === 0 ? x * 8 : x));

describe('clipFigures', () => {
  // Bins are 1/1024 to 1/2048 of the range, so a step of the full range is 4 to 8 bins, of an eighth of it 0.5 to 1.
  it.each([
    ['bell', normal, INT8_ACTIVATION],
    ['bell', normal, INT8_WEIGHT],
    ['ReLU', relu, INT8_ACTIVATION],
    ['outliers', tailed, INT8_ACTIVATION],
    ['outliers', tailed, INT8_WEIGHT],
  ] as const)('are those of the values, case %$: %s', (_, values, format) => {
    const stats = statsOf(values);
    for (const part of [1, 0.8, 0.5, 0.25, 0.125]) {
      const range = { min: stats.min * part, max: stats.max * part };
      const figures = clipFigures(stats, range, format);
      const expected = direct(values, range, format);
      // A clip inside a bin takes the bin's density as even: at most the share of one bin is misplaced.
      expect(Math.abs(figures.clippedShare - expected.clippedShare)).toBeLessThanOrEqual(2e-4);
      expect(Math.abs(figures.clippingMse - expected.clippingMse)).toBeLessThanOrEqual(
        0.01 * expected.clippingMse + 1e-7,
      );
      expect(Math.abs(figures.roundingMse - expected.roundingMse)).toBeLessThanOrEqual(0.02 * expected.roundingMse);
      expect(Math.abs(figures.sqnrDb - expected.sqnrDb)).toBeLessThanOrEqual(0.05);
      expect(figures.totalMse).toBeCloseTo(figures.clippingMse + figures.roundingMse, 15);
    }
  });

  it('gives the scale and zero point that a file would have', () => {
    const figures = clipFigures(statsOf(relu), { min: 0, max: 2 }, INT8_ACTIVATION);
    expect(figures).toMatchObject(chooseQuantParams({ min: 0, max: 2 }, INT8_ACTIVATION));
  });

  it('errs by step²/12 on an even distribution, and by the clipped third power at its end', () => {
    // x uniform on [0, 1], clipped at 0.5: ∫ (x − c)² dx over [c, 1] = (1 − c)³/3, c the last code.
    const stats = statsOf(Float32Array.from({ length: 1 << 20 }, (_, i) => i / 2 ** 20));
    const step = Math.fround(0.5 / 255);
    const { roundingMse, clippingMse, clippedShare } = clipFigures(stats, { min: 0, max: 0.5 }, INT8_ACTIVATION);
    expect(roundingMse / ((step ** 2 / 12) * 0.5)).toBeCloseTo(1, 2);
    expect(clippingMse / ((0.5 ** 3 - (step / 2) ** 3) / 3)).toBeCloseTo(1, 4);
    expect(clippedShare).toBeCloseTo(0.5 - step / 2, 5);
  });

  it('takes what was never seen, constants, and zeros alone', () => {
    expect(clipFigures(statsOf(new Float32Array(0)), { min: 0, max: 1 }, INT8_ACTIVATION)).toMatchObject({
      clippedShare: 0,
      totalMse: 0,
      sqnrDb: Infinity,
    });
    expect(clipFigures(statsOf(new Float32Array(9)), { min: 0, max: 0 }, INT8_ACTIVATION).totalMse).toBe(0);
    const constant = clipFigures(statsOf(new Float32Array(9).fill(3)), { min: 0, max: 1 }, INT8_ACTIVATION);
    expect(constant.clippedShare).toBe(1);
    expect(constant.clippingMse).toBeCloseTo(4, 5);
  });
});
