import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rebin } from './rebin';

const histograms = fc
  .array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 40 })
  .map((counts) => ({ lo: -2, width: 0.25, counts: Float64Array.from(counts) }));
const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);

describe('rebin', () => {
  it('keeps the total over any window that holds everything', () => {
    fc.assert(
      fc.property(
        histograms,
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.integer({ min: 1, max: 97 }),
        (h, margin, n) => {
          const to = h.lo + h.width * h.counts.length;
          expect(sum(rebin(h, h.lo - margin, to + margin, n))).toBeCloseTo(sum(h.counts), 6);
        },
      ),
    );
  });

  it('splits a window in two without losing or doubling anything', () => {
    fc.assert(
      fc.property(histograms, fc.double({ min: -2, max: 7, noNaN: true }), (h, at) => {
        const whole = sum(rebin(h, -3, 9, 10));
        expect(sum(rebin(h, -3, at, 7)) + sum(rebin(h, at, 9, 13))).toBeCloseTo(whole, 6);
      }),
    );
  });

  it('gives cut bins their share', () => {
    const h = { lo: 0, width: 1, counts: Float64Array.of(4, 8) };
    expect([...rebin(h, 0, 2, 4)]).toEqual([2, 2, 4, 4]);
    expect([...rebin(h, 0.25, 1.25, 1)]).toEqual([5]);
    expect([...rebin(h, 5, 6, 2)]).toEqual([0, 0]);
  });
});
