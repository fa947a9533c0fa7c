import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  float32Multiplier,
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplierSingleRounding,
  quantizeMultiplier,
  requantizeFloat32,
  roundingDivideByPOT,
  saturatingRoundingDoublingHighMul,
} from './requantize';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;
const int32 = fc.oneof(fc.integer(), fc.constantFrom(INT32_MIN, INT32_MAX, 0, -1, 1, 2 ** 30, -(2 ** 30)));
const multipliers = fc.integer({ min: 2 ** 30, max: INT32_MAX });

/** The definitions, in integers of any width. */
const big = {
  highMul(a: bigint, b: bigint): bigint {
    if (a === BigInt(INT32_MIN) && b === a) return BigInt(INT32_MAX);
    const product = a * b;
    const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
    return (product + nudge) / (1n << 31n); // BigInt division truncates, as C's does
  },
  divideByPOT(x: bigint, exponent: bigint): bigint {
    const half = exponent === 0n ? 0n : 1n << (exponent - 1n);
    const magnitude = ((x < 0n ? -x : x) + half) >> exponent;
    return x < 0n ? -magnitude : magnitude;
  },
  singleRounding(x: bigint, multiplier: bigint, shift: bigint): bigint {
    const total = 31n - shift;
    return (x * multiplier + (1n << (total - 1n))) >> total;
  },
};

describe('quantizeMultiplier', () => {
  it.each([
    [0.5, 2 ** 30, 0],
    [0.25, 2 ** 30, -1],
    [1.0, 2 ** 30, 1],
    [0.1, 1717986918, -3],
    [0.007247427341846, 1992157658, -7],
    [3.0, 1610612736, 2],
    [0, 0, 0],
    [2 ** -33, 0, 0],
    [2 ** -32, 2 ** 30, -31],
    [5e-324, 0, 0],
  ])('%d → (%d, %d)', (real, multiplier, shift) => {
    expect(quantizeMultiplier(real)).toEqual({ multiplier, shift });
  });

  it('halves a fraction that rounds up to 1', () => {
    expect(quantizeMultiplier(1 - 2 ** -40)).toEqual({ multiplier: 2 ** 30, shift: 1 });
  });

  it('stays within half a unit of the last place', () => {
    fc.assert(
      fc.property(fc.double({ min: 2 ** -31, max: 2 ** 14, noNaN: true }), (real) => {
        const { multiplier, shift } = quantizeMultiplier(real);
        expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
        expect(multiplier).toBeLessThan(2 ** 31);
        expect(Math.abs(multiplier - real * 2 ** (31 - shift))).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it('refuses what is no multiplier', () => {
    for (const real of [-1, NaN, Infinity]) expect(() => quantizeMultiplier(real)).toThrow(RangeError);
  });
});

describe('saturatingRoundingDoublingHighMul', () => {
  it.each([
    [INT32_MIN, INT32_MIN, 2147483647],
    [2 ** 30, 2 ** 30, 2 ** 29],
    [1, 2 ** 30, 1],
    [-1, 2 ** 30, 0],
    [3, 2 ** 30, 2],
    [-3, 2 ** 30, -1],
  ])('(%d, %d) → %d', (a, b, expected) => {
    expect(saturatingRoundingDoublingHighMul(a, b)).toBe(expected);
  });

  it('is the 64-bit definition', () => {
    fc.assert(
      fc.property(int32, int32, (a, b) => {
        expect(BigInt(saturatingRoundingDoublingHighMul(a, b))).toBe(big.highMul(BigInt(a), BigInt(b)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('roundingDivideByPOT', () => {
  it.each([
    [1, 1, 1],
    [-1, 1, -1],
    [-6, 2, -2],
    [-2, 2, -1],
  ])('(%d, %d) → %d', (x, exponent, expected) => {
    expect(roundingDivideByPOT(x, exponent)).toBe(expected);
  });

  it('rounds ties away from zero', () => {
    fc.assert(
      fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, exponent) => {
        expect(BigInt(roundingDivideByPOT(x, exponent))).toBe(big.divideByPOT(BigInt(x), BigInt(exponent)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('multiplyByQuantizedMultiplier', () => {
  it.each([
    [0.25, 1, 1, 0],
    [0.3, 8, 3, 2],
    [0.1, 5, 1, 0],
    [0.125, 3, 1, 0],
  ])('M = %d, x = %d: double rounding %d, single rounding %d', (real, x, double, single) => {
    const fixed = quantizeMultiplier(real);
    expect(multiplyByQuantizedMultiplier(x, fixed)).toBe(double);
    expect(multiplyByQuantizedMultiplierSingleRounding(x, fixed)).toBe(single);
  });

  it('rounds twice as the definition does', () => {
    fc.assert(
      fc.property(int32, multipliers, fc.integer({ min: -31, max: 14 }), (x, multiplier, shift) => {
        const left = Math.max(shift, 0);
        fc.pre(Math.abs(x * 2 ** left) <= INT32_MAX);
        const high = big.highMul(BigInt(x) << BigInt(left), BigInt(multiplier));
        const expected = big.divideByPOT(high, BigInt(Math.max(-shift, 0)));
        expect(BigInt(multiplyByQuantizedMultiplier(x, { multiplier, shift }))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('rounds once as the definition does', () => {
    fc.assert(
      fc.property(int32, multipliers, fc.integer({ min: -31, max: 14 }), (x, multiplier, shift) => {
        const actual = multiplyByQuantizedMultiplierSingleRounding(x, { multiplier, shift });
        expect(BigInt(actual)).toBe(big.singleRounding(BigInt(x), BigInt(multiplier), BigInt(shift)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('requantizeFloat32', () => {
  it('rounds ties to even', () => {
    expect([1, 3, 5, -1, -3].map((x) => requantizeFloat32(x, 0.5))).toEqual([0, 2, 2, 0, -2]);
  });

  it('takes every step in float32', () => {
    // 2^24 + 1 is no float32; 0.1 and 0.3 are not either.
    expect(requantizeFloat32(2 ** 24 + 1, 1)).toBe(2 ** 24);
    const product = Math.fround(Math.fround(0.1) * Math.fround(0.3));
    expect(float32Multiplier(0.1, 0.3, 0.7)).toBe(Math.fround(product / Math.fround(0.7)));
  });
});
