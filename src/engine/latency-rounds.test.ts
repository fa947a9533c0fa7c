import { expect, it } from 'vitest';
import { isWorthARound } from './latency-rounds';

it('a model is timed three times however slow it is, and no more once half a second is over', () => {
  expect([0, 1, 2, 3].map((rounds) => isWorthARound(rounds, 10_000))).toEqual([true, true, true, false]);
  expect(isWorthARound(20, 499)).toBe(true);
});
