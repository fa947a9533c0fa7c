import { describe, expect, it } from 'vitest';
import { logistic16, tanh16 } from './fixed16';

/** The largest difference from the function itself over all arguments of 16 bits, in units of 2^-15. */
function largestError(fixed: (raw: number) => number, real: (x: number) => number, integerBits: number): number {
  let largest = 0;
  for (let raw = -32768; raw < 32768; raw += 7)
    largest = Math.max(largest, Math.abs(fixed(raw) - 2 ** 15 * real(raw * 2 ** (integerBits - 15))));
  return largest;
}

// How near is a fact of the approximation; that it is gemmlowp's, bit for bit, the LSTM's goldens show.
describe('functions in 16-bit fixed point', () => {
  it('approximate the logistic function', () => {
    const logistic = (x: number) => 1 / (1 + Math.exp(-x));
    expect(largestError((raw) => logistic16(raw, 3), logistic, 3)).toBeLessThan(16);
  });

  it.each([0, 3, 6])('approximate tanh of %i integer bits', (integerBits) => {
    expect(largestError((raw) => tanh16(raw, integerBits), Math.tanh, integerBits)).toBeLessThan(32);
  });

  it('saturate and keep zero', () => {
    expect([logistic16(0, 3), tanh16(0, 3)]).toEqual([2 ** 14, 0]);
    expect(tanh16(32767, 6)).toBe(-tanh16(-32767, 6));
    expect(tanh16(32767, 6)).toBe(32767);
  });
});
