import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSplit } from './split';

const request = fc.record({
  calibration: fc.integer({ min: 1, max: 300 }),
  evaluation: fc.integer({ min: 1, max: 300 }),
  seed: fc.nat(),
});
const labels = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 400 })
  .map((l) => Int32Array.from(l));

describe('makeSplit', () => {
  it('is disjoint, in range, deterministic and as large as can be', () => {
    fc.assert(
      fc.property(labels, fc.boolean(), request, (labels, labelled, request) => {
        const size = labels.length;
        const split = makeSplit(size, labelled ? labels : undefined, request);
        const all = [...split.calibration, ...split.evaluation];
        expect(new Set(all).size).toBe(all.length);
        expect(all.every((i) => i < size)).toBe(true);
        expect(all.length).toBe(Math.min(size, request.calibration + request.evaluation));
        expect(Math.min(split.calibration.length, split.evaluation.length)).toBeGreaterThan(0);
        if (request.calibration + request.evaluation <= size)
          expect(split.calibration.length).toBe(request.calibration);
        expect(makeSplit(size, labelled ? labels : undefined, request)).toEqual(split);
      }),
    );
  });

  it('shrinks both parts in proportion', () => {
    const { calibration, evaluation } = makeSplit(90, undefined, { calibration: 500, evaluation: 1000, seed: 1 });
    expect([calibration.length, evaluation.length]).toEqual([30, 60]);
  });

  it('holds every class in its share, also in the first part of the evaluation', () => {
    const labels = Int32Array.from({ length: 10_000 }, (_, i) => i % 10);
    const split = makeSplit(10_000, labels, { calibration: 500, evaluation: 1000, seed: 5 });
    const counts = (indices: Uint32Array) => {
      const counts = new Array(10).fill(0);
      for (const i of indices) counts[labels[i]]++;
      return counts;
    };
    expect(counts(split.calibration)).toEqual(new Array(10).fill(50));
    expect(counts(split.evaluation)).toEqual(new Array(10).fill(100));
    expect(counts(split.evaluation.slice(0, 250))).toEqual(new Array(10).fill(25));
  });

  it('stays near the shares of uneven classes', () => {
    fc.assert(
      fc.property(labels, fc.nat(), (labels, seed) => {
        const calibration = Math.floor(labels.length / 2);
        const split = makeSplit(labels.length, labels, { calibration, evaluation: 1, seed });
        const classes = new Set(labels).size;
        for (const label of new Set(labels)) {
          const share = labels.filter((l) => l === label).length / labels.length;
          const drawn = split.calibration.filter((i) => labels[i] === label).length;
          // Each class is within one of t·n for a common t, which the other classes' roundings move by at most classes/n.
          expect(Math.abs(drawn - share * calibration)).toBeLessThanOrEqual(1 + share * classes);
        }
      }),
    );
  });

  it('takes other samples for another seed', () => {
    const draw = (seed: number) => makeSplit(1000, undefined, { calibration: 100, evaluation: 100, seed }).calibration;
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('needs two samples and sensible counts', () => {
    const split = (size: number, calibration: number) => () =>
      makeSplit(size, undefined, { calibration, evaluation: 1, seed: 0 });
    expect(split(1, 1)).toThrow(expect.objectContaining({ code: 'invalid-data' }));
    expect(split(10, 0)).toThrow(expect.objectContaining({ code: 'invalid-settings' }));
    expect(split(10, NaN)).toThrow(expect.objectContaining({ code: 'invalid-settings' }));
  });
});
