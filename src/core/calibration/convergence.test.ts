import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { ConvergenceRecorder, driftSinceHalf, growthSinceHalf, MOST_CHECKPOINTS, TAIL } from './convergence';
import { Observer } from './observer';

/** The course of `count` batches, whose range after n samples is [0, n]. */
function counted(count: number, batch = 1) {
  const recorder = new ConvergenceRecorder();
  for (let n = batch; n <= count * batch; n += batch) recorder.note(n, () => ({ min: 0, max: n, low: 0, high: n / 2 }));
  return recorder.result();
}

describe('the course of a range', () => {
  it('is remembered batch by batch, and no further than is worth it', () => {
    expect(counted(5, 32)).toEqual({
      samples: Uint32Array.of(32, 64, 96, 128, 160),
      mins: new Float32Array(5),
      maxs: Float32Array.of(32, 64, 96, 128, 160),
      lows: new Float32Array(5),
      highs: Float32Array.of(16, 32, 48, 64, 80),
    });
    for (const count of [1, 63, 64, 65, 127, 128, 1000, 12_345]) {
      const { samples, maxs } = counted(count);
      expect(samples.length).toBeLessThanOrEqual(MOST_CHECKPOINTS);
      expect(samples.length).toBeGreaterThanOrEqual(Math.min(count, MOST_CHECKPOINTS / 2));
      expect(samples.at(-1)).toBe(count);
      expect([...maxs]).toEqual([...samples]);
      const steps = [...samples].slice(1, -1).map((n, i) => n - samples[i]);
      expect(new Set(steps).size).toBeLessThanOrEqual(1);
    }
  });

  it('asks for the range no more often than it remembers it', () => {
    const recorder = new ConvergenceRecorder();
    let asked = 0;
    const range = () => (asked++, { min: 0, max: 1, low: 0, high: 1 });
    for (let n = 1; n <= 10_000; n++) recorder.note(n, range);
    expect(asked).toBeLessThan(500);
  });

  it('says how much wider the range became since half of the samples', () => {
    expect(growthSinceHalf(counted(64))).toBeCloseTo(1, 6); // from [0, 32] to [0, 64]
    expect(driftSinceHalf(counted(64))).toBeCloseTo(1, 6);
    expect(growthSinceHalf(counted(1))).toBe(0);
    const settled = { ...counted(8), maxs: new Float32Array(8).fill(3), mins: new Float32Array(8).fill(-1) };
    expect(growthSinceHalf(settled)).toBe(0);
    // A range that always includes zero: from [0, 2] to [−1, 2].
    const widened = { ...settled, mins: Float32Array.of(1, 1, 1, 1, 1, 1, 1, -1), maxs: new Float32Array(8).fill(2) };
    expect(growthSinceHalf(widened)).toBeCloseTo(0.5, 6);
  });
});

describe('the range so far', () => {
  it('is that of the sorted values, percentiles to within a bin', () => {
    const values = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, (list) => {
        const observer = new Observer();
        observer.observe(Float32Array.from(list));
        const sorted = [...list].sort((a, b) => a - b);
        const { min, max, low, high } = observer.rangeSoFar();
        const { width } = observer.stats().histogram;
        expect([min, max]).toEqual([sorted[0] + 0, sorted.at(-1)! + 0]);
        // So few values: a thousandth of them is the outermost one.
        expect(low).toBeGreaterThanOrEqual(min);
        expect(low - min).toBeLessThanOrEqual(width);
        expect(high).toBeLessThanOrEqual(max);
        expect(max - high).toBeLessThanOrEqual(width);
      }),
    );
    const random = new Random(1);
    const many = Float32Array.from({ length: 200_000 }, () => random.gaussian());
    const observer = new Observer();
    for (let at = 0; at < many.length; at += 10_000) observer.observe(many.subarray(at, at + 10_000));
    const sorted = many.slice().sort();
    const { width } = observer.stats().histogram;
    expect(Math.abs(observer.rangeSoFar().low - sorted[TAIL * many.length])).toBeLessThanOrEqual(width);
    expect(Math.abs(observer.rangeSoFar().high - sorted[(1 - TAIL) * many.length])).toBeLessThanOrEqual(width);
    expect(new Observer().rangeSoFar()).toEqual({ min: 0, max: 0, low: 0, high: 0 });
  });
});
