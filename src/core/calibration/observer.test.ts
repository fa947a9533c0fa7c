import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Observer } from './observer';
import type { TensorStats } from './types';

/** Small enough in range that no quotient by a bin width underflows float32. */
const floats = fc.oneof(
  fc.float({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-20 ? 0 : x)),
  fc.float({ min: -1, max: 1, noNaN: true }).map((x) => (Math.abs(x) < 1e-20 ? 0 : x)),
  fc.constant(0),
);
const arrays = fc.array(floats, { minLength: 1, maxLength: 300 }).map((values) => Float32Array.from(values));

function observed(...parts: Float32Array[]): TensorStats {
  const observer = new Observer();
  for (const part of parts) observer.observe(part);
  return observer.stats();
}

describe('Observer', () => {
  it('counts every value in the bin that holds it', () => {
    fc.assert(
      fc.property(arrays, (values) => {
        const { histogram, count, zeros, min, max } = observed(values);
        const { lo, width, counts } = histogram;
        expect(count).toBe(values.length);
        expect(zeros).toBe(values.filter((x) => x === 0).length);
        expect([min, max]).toEqual([Math.min(...values) + 0, Math.max(...values) + 0]);
        expect(counts.length).toBe(2048);
        expect(Number.isInteger(Math.log2(width))).toBe(true);
        const expected = new Float64Array(2048);
        // Bins are exact intervals of real numbers: found here by comparing, not by dividing.
        for (const x of values) {
          let [from, to] = [0, 2048];
          while (to - from > 1) {
            const middle = (from + to) >> 1;
            if (x >= lo + middle * width) from = middle;
            else to = middle;
          }
          expected[from]++;
        }
        expect(counts.findIndex((n, i) => n !== expected[i])).toBe(-1);
      }),
    );
  });

  it('does not depend on order, nor on how the values are cut', () => {
    fc.assert(
      fc.property(arrays, fc.nat(), (values, at) => {
        const cut = at % values.length;
        const whole = observed(values);
        const parts = observed(values.slice(cut), values.slice(0, cut));
        const sorted = new Observer();
        for (const x of values.slice().sort()) sorted.observe(Float32Array.of(x));
        for (const other of [parts, sorted.stats()]) {
          expect(other.histogram).toEqual(whole.histogram);
          expect([other.min, other.max, other.count]).toEqual([whole.min, whole.max, whole.count]);
          expect(Math.abs(other.mean - whole.mean)).toBeLessThanOrEqual(1e-9);
          expect(Math.abs(other.std - whole.std)).toBeLessThanOrEqual(1e-6);
        }
      }),
    );
  });

  it('uses more than half of its bins', () => {
    fc.assert(
      fc.property(
        fc.float({ min: -1000, max: 1000, noNaN: true }),
        fc.float({ min: 1, max: 1e9, noNaN: true }),
        (a, w) => {
          const { min, max, histogram } = observed(Float32Array.of(a, a + w));
          expect((max - min) / histogram.width).toBeGreaterThan(1022);
        },
      ),
    );
  });

  it('grows far without losing a value', () => {
    const observer = new Observer();
    for (let k = -40; k <= 120; k += 5) observer.observe(Float32Array.of(2 ** k, -(2 ** (k - 1))));
    const { count, min, max, histogram } = observer.stats();
    expect([count, min, max]).toEqual([66, -(2 ** 119), 2 ** 120]);
    expect(histogram.counts.reduce((a, b) => a + b)).toBe(66);
    expect(histogram.counts.at(Math.floor((2 ** 120 - histogram.lo) / histogram.width))).toBe(1);
  });

  it('keeps the mean and deviation of values far from zero', () => {
    // 10^5 values 4096 + {0, 1/1024, …}: the naive sum of squares would lose the deviation.
    const values = Float32Array.from({ length: 1e5 }, (_, i) => 4096 + (i % 5) / 1024);
    const { mean, std } = observed(values.subarray(0, 12_345), values.subarray(12_345));
    expect(mean).toBeCloseTo(4096 + 2 / 1024, 9);
    expect(std * 1024).toBeCloseTo(Math.SQRT2, 9); // {0,1,2,3,4} has variance 2
  });

  it('counts what is not finite apart', () => {
    const { count, nonFinite, min, max, mean } = observed(Float32Array.of(1, NaN, 3, Infinity, -Infinity));
    expect({ count, nonFinite, min, max, mean }).toEqual({ count: 2, nonFinite: 3, min: 1, max: 3, mean: 2 });
    expect(observed(Float32Array.of(NaN))).toMatchObject({ count: 0, nonFinite: 1, min: 0, max: 0 });
  });

  it('takes constants, zeros and the ends of float32', () => {
    const constant = observed(new Float32Array(9000).fill(0.3));
    expect(constant).toMatchObject({ count: 9000, min: Math.fround(0.3), max: Math.fround(0.3), std: 0 });
    expect(constant.histogram.counts[0]).toBe(9000);
    expect(observed(Float32Array.of(0, -0))).toMatchObject({ count: 2, min: 0, max: 0 });
    const ends = observed(Float32Array.of(-3.4028234663852886e38, 3.4028234663852886e38));
    expect(ends.histogram.counts.reduce((a, b) => a + b)).toBe(2);
    expect(ends.std).toBeCloseTo(3.4028234663852886e38, -24);
  });

  it('gives copies', () => {
    const observer = new Observer(16);
    observer.observe(Float32Array.of(1, 2));
    const before = observer.stats();
    observer.observe(Float32Array.of(1));
    expect(before.histogram.counts.reduce((a, b) => a + b)).toBe(2);
    expect(before.histogram.counts.length).toBe(16);
  });
});
