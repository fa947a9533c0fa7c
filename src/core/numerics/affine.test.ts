import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseQuantParams,
  dequantize,
  dequantizeArray,
  quantize,
  quantizeArray,
  representableRange,
  SMALLEST_SCALE,
} from './affine';
import { codeRange, INT8_ACTIVATION, INT8_WEIGHT } from '../number-formats/format';
import { roundHalfAway, roundHalfToEven } from './round';

const TENTHS = { scale: 0.1, zeroPoint: 0 };
const reals = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('chooseQuantParams, asymmetric', () => {
  it.each([
    // scale = width / 255, zero point = round(−128 − min / scale)
    [0, 255, 1, -128],
    [-128, 127, 1, 0],
    [0, 6, Math.fround(6 / 255), -128],
    [-1, 1, Math.fround(2 / 255), -1], // −0.5, away from zero: TensorFlow's int8 MobileNet input
    [-6, 0, Math.fround(6 / 255), 127],
  ])('[%d, %d] → scale %d, zero point %d', (min, max, scale, zeroPoint) => {
    expect(chooseQuantParams({ min, max }, INT8_ACTIVATION)).toEqual({ scale, zeroPoint });
  });

  it('widens to include 0', () => {
    expect(chooseQuantParams({ min: 2, max: 255 }, INT8_ACTIVATION)).toEqual({ scale: 1, zeroPoint: -128 });
    expect(chooseQuantParams({ min: -255, max: -3 }, INT8_ACTIVATION)).toEqual({ scale: 1, zeroPoint: 127 });
  });

  it('covers the range to within half a step, with 0 on the grid and a float32 scale', () => {
    fc.assert(
      fc.property(reals, reals, (a, b) => {
        const range = { min: Math.min(a, b), max: Math.max(a, b) };
        const params = chooseQuantParams(range, INT8_ACTIVATION);
        expect(Math.fround(params.scale)).toBe(params.scale);
        expect(Number.isInteger(params.zeroPoint)).toBe(true);
        expect(dequantize(params.zeroPoint, params)).toBe(0);
        const covered = representableRange(params, INT8_ACTIVATION);
        const slack = params.scale * 0.5001;
        expect(covered.min).toBeLessThanOrEqual(Math.min(range.min, 0) + slack);
        expect(covered.max).toBeGreaterThanOrEqual(Math.max(range.max, 0) - slack);
      }),
    );
  });
});

describe('chooseQuantParams, symmetric', () => {
  it('is the larger magnitude over 127', () => {
    expect(chooseQuantParams({ min: -3, max: 2 }, INT8_WEIGHT)).toEqual({ scale: Math.fround(3 / 127), zeroPoint: 0 });
    expect(chooseQuantParams({ min: -1, max: 12.7 }, INT8_WEIGHT).scale).toBe(Math.fround(0.1));
  });
});

describe('chooseQuantParams, degenerate', () => {
  it('gives an empty range scale 1', () => {
    expect(chooseQuantParams({ min: 0, max: 0 }, INT8_ACTIVATION)).toEqual({ scale: 1, zeroPoint: 0 });
    expect(chooseQuantParams({ min: 0, max: 0 }, INT8_WEIGHT)).toEqual({ scale: 1, zeroPoint: 0 });
  });

  it('never gives a scale whose products leave the normal float32', () => {
    for (const format of [INT8_ACTIVATION, INT8_WEIGHT]) {
      const { scale } = chooseQuantParams({ min: -1e-300, max: 1e-310 }, format);
      expect(scale).toBe(SMALLEST_SCALE);
      expect(Math.fround(scale * scale)).toBeGreaterThan(2 ** -126);
    }
  });

  it('refuses what is no range', () => {
    for (const range of [
      { min: NaN, max: 1 },
      { min: 0, max: Infinity },
      { min: 1, max: -1 },
    ])
      expect(() => chooseQuantParams(range, INT8_ACTIVATION)).toThrow(/cannot be quantized/);
  });
});

describe('quantize', () => {
  it('rounds ties to even and saturates', () => {
    const codes = quantizeArray(Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -1e9, Infinity, NaN), 1, 3, -128, 127);
    expect([...codes]).toEqual([3, 5, 5, 3, 1, 127, -128, 127, 3]);
  });

  it('brings every code back to itself', () => {
    const { qmin, qmax } = codeRange(INT8_ACTIVATION);
    fc.assert(
      fc.property(reals, reals, (a, b) => {
        const { scale, zeroPoint } = chooseQuantParams({ min: Math.min(a, b), max: Math.max(a, b) }, INT8_ACTIVATION);
        const codes = Int8Array.from({ length: 256 }, (_, i) => i - 128);
        expect(quantizeArray(dequantizeArray(codes, scale, zeroPoint), scale, zeroPoint, qmin, qmax)).toEqual(codes);
      }),
    );
  });

  it('errs by at most half a step inside the grid', () => {
    fc.assert(
      fc.property(fc.double({ min: -12.8, max: 12.7, noNaN: true }), (x) => {
        expect(Math.abs(dequantize(quantize(x, TENTHS, -128, 127), TENTHS) - x)).toBeLessThanOrEqual(0.05 + 1e-12);
      }),
    );
  });
});

describe('rounding', () => {
  it('differs on ties only', () => {
    const ties = [0.5, 1.5, -0.5, -2.5, 0.49999999999999994, 2 ** 51 + 0.5];
    expect(ties.map(roundHalfToEven)).toEqual([0, 2, 0, -2, 0, 2 ** 51]);
    expect(ties.map(roundHalfAway)).toEqual([1, 2, -1, -3, 0, 2 ** 51 + 1]);
  });

  it('agrees with Math.round off the ties', () => {
    fc.assert(
      fc.property(reals, (x) => {
        fc.pre(Math.abs(x % 1) !== 0.5);
        expect(roundHalfToEven(x) - Math.round(x)).toBe(0);
        expect(roundHalfAway(x) - Math.round(x)).toBe(0);
      }),
    );
  });

  it('passes large and special values through', () => {
    for (const x of [2 ** 60, -(2 ** 60), Infinity, -Infinity, NaN]) expect(roundHalfToEven(x)).toBe(x);
  });
});
