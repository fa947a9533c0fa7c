import { describe, expect, it } from 'vitest';
import type { ErrorSplit } from '../../../core/metrics/error-split';
import { partsInWords } from './SplitBar';

const split = (parts: Partial<ErrorSplit>): ErrorSplit => {
  const { clipping = 0, rounding = 0, weights = 0, propagated = 0 } = parts;
  const total = parts.total ?? clipping + rounding + weights + propagated;
  const cross = total - clipping - rounding - weights - propagated;
  return { count: 1, signal: 1, clippedShare: 0, ...parts, clipping, rounding, weights, propagated, total, cross };
};

describe('an error in words', () => {
  it('names its parts, the largest first, and leaves out what is nothing', () => {
    expect(partsInWords(split({ rounding: 2, propagated: 7, weights: 1, clipping: 0.001 }))).toBe(
      'propagated 70 %, rounding 20 %, weights 10 %',
    );
    expect(partsInWords(split({}))).toBe('no error');
  });

  it('says where parts do not simply add up', () => {
    expect(partsInWords(split({ rounding: 1, weights: 1, total: 3 }))).toMatch(/add to each other$/);
    expect(partsInWords(split({ rounding: 1, weights: 1, total: 1.5 }))).toMatch(/partly cancel$/);
  });
});
