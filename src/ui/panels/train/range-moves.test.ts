import { describe, expect, it } from 'vitest';
import { moves } from './range-moves';

const at = (ranges: Record<string, { min: number; max: number }>) => ({ at: 0, loss: null, ranges });

describe('moves', () => {
  it('measures the end that moved farther by the width at first, and leaves out what stood still', () => {
    const first = { a: { min: -1, max: 3 }, b: { min: 0, max: 10 }, c: { min: 0, max: 1 } };
    const now = { a: { min: -1.5, max: 3.2 }, b: { min: 0, max: 5 }, c: { min: 0, max: 1 }, new: { min: 0, max: 9 } };
    expect(moves([at(first), at(now)], now)).toEqual([
      { tensor: 'b', share: 0.5 },
      { tensor: 'a', share: 0.125 },
    ]);
    expect(moves([], now)).toEqual([]);
  });
});
