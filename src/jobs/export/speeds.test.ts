import { describe, expect, it } from 'vitest';
import { spreadOf } from './speeds';

describe('the spread of measured times', () => {
  it('is their quartiles, which a few interruptions do not move', () => {
    const times = Array.from({ length: 25 }, (_, i) => i + 1);
    expect(spreadOf(times)).toEqual({ median: 13, low: 7, high: 19 });
    times[24] = 1e6;
    expect(spreadOf(times.toReversed())).toEqual({ median: 13, low: 7, high: 19 });
  });
});
