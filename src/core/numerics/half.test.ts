import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatToHalf, halfToFloat, widenHalf } from './half';

/** The value of a pattern, from the definition in IEEE 754. */
function definition(half: number): number {
  const sign = half >> 15 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const PATTERNS = Uint16Array.from({ length: 65536 }, (_, i) => i);

describe('binary16', () => {
  it('widens every pattern exactly', () => {
    const widened = widenHalf(PATTERNS);
    expect(PATTERNS.findIndex((half, i) => !Object.is(widened[i], definition(half)))).toBe(-1);
  });

  it('narrows every value back to its pattern', () => {
    const wrong = PATTERNS.filter((half) => !Number.isNaN(definition(half)) && floatToHalf(halfToFloat(half)) !== half);
    expect([...wrong]).toEqual([]);
    expect(halfToFloat(floatToHalf(NaN))).toBeNaN();
  });

  it('rounds to the nearest, ties to even', () => {
    const finite = fc.integer({ min: 0, max: 0x7bfe });
    fc.assert(
      fc.property(finite, fc.double({ min: 0, max: 1, noNaN: true }), (half, t) => {
        const [low, high] = [definition(half), definition(half + 1)];
        const value = Math.fround(low + (high - low) * t);
        const middle = (low + high) / 2; // exact in float64, and a float32
        const expected = value < middle ? half : value > middle ? half + 1 : half + (half & 1);
        expect(floatToHalf(value)).toBe(expected);
        expect(floatToHalf(-value)).toBe(expected | 0x8000);
      }),
    );
    for (const half of PATTERNS.subarray(0, 0x7bff))
      expect(floatToHalf((definition(half) + definition(half + 1)) / 2)).toBe(half + (half & 1));
  });

  it('overflows to infinity from 65520', () => {
    expect(floatToHalf(65519.996)).toBe(0x7bff);
    expect(floatToHalf(65520)).toBe(0x7c00);
    expect(floatToHalf(-1e30)).toBe(0xfc00);
  });
});
