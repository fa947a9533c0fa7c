import { describe, expect, it } from 'vitest';
import { costAxis, qualityAxis, qualityTick } from './axes';

const OPTIONS = { name: 'Size of the file', count: 5 };

describe('costAxis', () => {
  it('is linear where costs are alike', () => {
    const axis = costAxis([100, 150, 200], OPTIONS);
    expect(axis).toMatchObject({ lo: 92, hi: 208, ticks: [100, 150, 200] });
    expect(axis.logarithmic).toBeUndefined();
  });

  it('is logarithmic where they differ by more than 2.5 times', () => {
    const axis = costAxis([50_000, 400_000], OPTIONS);
    expect(axis).toMatchObject({ logarithmic: true, ticks: [50_000, 100_000, 200_000] });
    // The same share of the span is free at both ends.
    expect(50_000 / axis.lo).toBeCloseTo(axis.hi / 400_000, 9);
  });
});

describe('qualityAxis', () => {
  it('turns round where lower is better, and spans what is finite', () => {
    expect(qualityAxis([0.1, 0.4], OPTIONS, true).reversed).toBe(true);
    const { lo, hi, reversed } = qualityAxis([10, 30, Infinity], OPTIONS);
    expect([lo, hi, reversed]).toEqual([8.4, 31.6, false]);
  });
});

describe('qualityTick', () => {
  it('has the digits that tell neighbours apart', () => {
    const close = [0.976, 0.978, 0.98];
    expect(close.map((value) => qualityTick(value, close, true))).toEqual(['97.6 %', '97.8 %', '98.0 %']);
    expect(qualityTick(0.5, [0, 0.5, 1], true)).toBe('50 %');
    expect(qualityTick(12, [12, 14], false)).toBe('12');
  });
});
