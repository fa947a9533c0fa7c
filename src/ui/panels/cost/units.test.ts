import { describe, expect, it } from 'vitest';
import { costText, energy } from './units';

describe('energy', () => {
  it('climbs a unit every thousand', () => {
    expect([0.3, 12, 999, 1000, 3.75e6, 2.5e9, 7e12].map(energy)).toEqual([
      '0.3 pJ',
      '12.0 pJ',
      '999 pJ',
      '1.0 nJ',
      '3.8 µJ',
      '2.5 mJ',
      '7000 mJ',
    ]);
  });
});

describe('costText', () => {
  it('gives each figure its unit', () => {
    expect(costText(null, 'bits')).toBe('–');
    expect(costText(1.53, '× INT8')).toBe('1.53×');
    expect(costText(29, 'bits')).toBe('29 bits');
    expect(costText(66_000, 'bytes')).toBe('66.0 kB');
    expect(costText(53_120_000, 'bit operations')).toBe('53.1 M');
  });
});
