import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorAccumulator } from './error-accumulator';
import { changeBetween } from './interval';
import { argmax, inTop } from './score';

describe('ErrorAccumulator', () => {
  it('gives the closed forms', () => {
    const errors = new ErrorAccumulator();
    errors.add([3, 4], [3, 3]);
    const { sqnrDb, cosine, rmse, maxError } = errors.result();
    expect(sqnrDb).toBeCloseTo(10 * Math.log10(25), 12);
    expect(cosine).toBeCloseTo(21 / (5 * Math.sqrt(18)), 12);
    expect(rmse).toBeCloseTo(Math.SQRT1_2, 12);
    expect(maxError).toBe(1);
  });

  it('sees a uniform rounding error as scale/√12 and 20·log10(amplitude)', () => {
    // A ramp over [−1, 1] rounded to 2^-8: power 1/3 against 2^-16/12, that is 10·log10(4·2^16) dB.
    const ramp = Float64Array.from({ length: 1e6 }, (_, i) => -1 + (2 * (i + 0.5)) / 1e6);
    const errors = new ErrorAccumulator();
    errors.add(
      ramp,
      ramp.map((x) => Math.round(x * 256) / 256),
    );
    expect(errors.result().sqnrDb).toBeCloseTo(10 * Math.log10(4 * 2 ** 16), 2);
    expect(errors.result().rmse * 256).toBeCloseTo(1 / Math.sqrt(12), 3);
  });

  it('does not care how the stream is cut', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 })));
    fc.assert(
      fc.property(pairs, fc.nat(), (values, at) => {
        const whole = new ErrorAccumulator();
        const parts = new ErrorAccumulator();
        const [r, t] = [values.map(([a]) => a), values.map(([, b]) => b)];
        const cut = at % (values.length + 1);
        whole.add(r, t);
        parts.add(r.slice(0, cut), t.slice(0, cut));
        parts.add(r.slice(cut), t.slice(cut));
        expect(parts.result()).toEqual(whole.result());
      }),
    );
  });

  it('has no figure of pairs of which none is finite, rather than calling them exact', () => {
    const errors = new ErrorAccumulator();
    errors.add([1, NaN], [Infinity, 2]);
    expect(errors.result()).toMatchObject({ count: 0, nonFinite: 2, sqnrDb: NaN });
    errors.add([3, 4], [3, 3]);
    expect(errors.result().sqnrDb).toBeCloseTo(10 * Math.log10(25), 12);
  });

  it('knows the edges', () => {
    const same = new ErrorAccumulator();
    same.add([1, -2], [1, -2]);
    expect(same.result()).toMatchObject({ sqnrDb: Infinity, rmse: 0, maxError: 0 });
    expect(same.result().cosine).toBeCloseTo(1, 15);
    const lost = new ErrorAccumulator();
    lost.add([1, 1], [0, 0]);
    expect(lost.result()).toMatchObject({ sqnrDb: 0, cosine: 0 });
    const zeros = new ErrorAccumulator();
    zeros.add([0], [0]);
    expect(zeros.result()).toMatchObject({ sqnrDb: Infinity, cosine: 1 });
    const broken = new ErrorAccumulator();
    broken.add([1, NaN, Infinity, 2], [1, 0, Infinity, NaN]);
    expect(broken.result()).toMatchObject({ count: 1, nonFinite: 3, maxError: 0 });
    expect(() => broken.add([1], [1, 2])).toThrow(RangeError);
  });
});

describe('argmax', () => {
  it('takes the lowest index of equals', () => {
    expect(argmax([1, 3, 3, 2])).toBe(1);
    expect(argmax([-Infinity, -Infinity])).toBe(0);
  });

  it('says nothing of an output with NaN', () => {
    expect(argmax([NaN, 1])).toBeNaN();
    expect(argmax([1, NaN])).toBeNaN();
    expect(argmax([])).toBeNaN();
  });
});

describe('inTop', () => {
  it('is argmax for k = 1 and membership of the sorted head for any k', () => {
    const outputs = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(outputs, fc.nat(), fc.integer({ min: 1, max: 6 }), (output, pick, k) => {
        const index = pick % output.length;
        const ranked = output.map((_, i) => i).sort((a, b) => output[b] - output[a] || a - b);
        expect(inTop(output, index, k)).toBe(ranked.slice(0, k).includes(index));
        expect(inTop(output, index, 1)).toBe(argmax(output) === index);
      }),
    );
  });

  it('is false for NaN and for indices outside', () => {
    expect(inTop([1, NaN], 0, 5)).toBe(false);
    expect(inTop([1], 7, 5)).toBe(false);
  });
});

describe('the change between two differences from one float model', () => {
  it('is their difference, as sure as both are together', () => {
    const from = { value: -0.2, low: -0.23, high: -0.17, n: 500, method: 'mcnemar' } as const;
    const change = changeBetween(from, { ...from, value: -0.1, low: -0.14, high: -0.06 });
    expect(change.value).toBeCloseTo(0.1, 12);
    expect([change.low, change.high].map((end) => Math.round(1000 * end))).toEqual([50, 150]);
  });
});
