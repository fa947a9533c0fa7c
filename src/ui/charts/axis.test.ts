import { describe, expect, it } from 'vitest';
import { axisAround, axisBetween, axisFromZero } from './axis';

const OPTIONS = { name: 'SQNR, dB', count: 4 };

describe('axisAround', () => {
  it('has every value inside, with 8 % of the span free at both ends', () => {
    const axis = axisAround([1, 3], OPTIONS);
    expect([axis.lo, axis.hi]).toEqual([0.84, 3.16]);
    expect(axis.ticks).toEqual([1, 2, 3]);
    expect(axis.ticks.map(axis.text)).toEqual(['1', '2', '3']);
  });

  it('does not go where no value can be', () => {
    const axis = axisAround([0.5, 1], { ...OPTIONS, limits: [0, 1] });
    expect(axis.hi).toBe(1);
    expect(axis.lo).toBeCloseTo(0.46, 9);
  });

  it.each([[[0.5, 0.5]], [[0, 0]], [[NaN]], [[]], [[Infinity]]])('is finite and not empty for %j', (values) => {
    const { lo, hi, ticks } = axisAround(values, { ...OPTIONS, limits: [0, Infinity] });
    expect(hi).toBeGreaterThan(lo);
    expect([lo, hi, ...ticks].every(Number.isFinite)).toBe(true);
  });
});

describe('axisFromZero', () => {
  it('begins at 0 where all bars go up, and ends at 0 where all go down', () => {
    expect(axisFromZero([10, 50], OPTIONS)).toMatchObject({ lo: 0, hi: 54 });
    expect(axisFromZero([-10, -50], OPTIONS)).toMatchObject({ lo: -54, hi: 0 });
  });

  it('has room on both sides of bars that go both ways, and some where there is none', () => {
    expect(axisFromZero([-25, 75], OPTIONS)).toMatchObject({ lo: -33, hi: 83 });
    expect(axisFromZero([], OPTIONS)).toMatchObject({ lo: 0, hi: 0.08 });
  });
});

describe('axisBetween', () => {
  it('has whole ticks only where values are counted', () => {
    expect(axisBetween(0, 2, { ...OPTIONS, whole: true }).ticks).toEqual([0, 1, 2]);
    expect(axisBetween(0, 0, { ...OPTIONS, whole: true }).ticks).toEqual([0, 1]);
  });
});
