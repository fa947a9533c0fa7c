import { describe, expect, it } from 'vitest';
import type { TensorStats } from '../../../core/calibration/types';
import { barsData, spreadData } from './finding-data';

describe('bars of a finding', () => {
  it('has one for each value, and marks what it is about', () => {
    const { points, y } = barsData('Largest weight of each channel', [0.2, 4, 0.1], [1]);
    expect(points.map(({ name, values, marked }) => [name, values[0], marked])).toEqual([
      ['0', 0.2, false],
      ['1', 4, true],
      ['2', 0.1, false],
    ]);
    expect(y).toMatchObject({ name: 'Largest weight of each channel', lo: 0 });
  });

  it('lets neighbours share one where there are too many, with the highest value and the mark', () => {
    const values = Array.from({ length: 384 }, (_, i) => (i === 9 ? 50 : 1));
    const { points } = barsData('Reach', values, [9]);
    expect(points).toHaveLength(96);
    expect(points[2]).toMatchObject({ name: '8 … 11', values: [50], marked: true });
    expect(points.filter(({ marked }) => marked)).toHaveLength(1);
  });
});

describe('the spread of values', () => {
  const counts = new Float64Array(8).fill(0);
  counts[0] = 999;
  counts[7] = 9;
  const stats = { min: 0, max: 8, histogram: { lo: 0, width: 1, counts } } as unknown as TensorStats;

  it('counts logarithmically, with the ends of the range as levels', () => {
    const { points, y, levels } = spreadData(stats, { min: 0, max: 6 });
    expect(levels!.map(({ along, value }) => [along, value])).toEqual([
      ['x', 0],
      ['x', 6],
    ]);
    // Powers of ten read as what they are.
    expect(y.ticks.map((tick) => y.text(tick))).toEqual(['1', '10', '100'].slice(0, y.ticks.length));
    const most = Math.max(...points.map(({ values }) => values[0]!));
    expect(y.hi).toBeGreaterThan(most);
    expect(points.some(({ values }) => values[0] === 0)).toBe(true);
  });
});
