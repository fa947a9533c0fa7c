import { describe, expect, it } from 'vitest';
import { coursePath } from './course-path';

describe('the course of a range', () => {
  const size = { width: 100, height: 22 };

  it('steps from checkpoint to checkpoint, high values on top', () => {
    const path = coursePath([10, 20, 30], [0, 1, 2], { lo: 0, hi: 2 }, size);
    expect(path).toBe('M0.0 21.0H50.0V11.0H100.0V1.0');
  });

  it('stands where there is one checkpoint, or one value', () => {
    expect(coursePath([5], [1], { lo: 0, hi: 1 }, size)).toBe('M0.0 1.0');
    expect(coursePath([5, 6], [0, 0], { lo: 0, hi: 0 }, size)).toBe('M0.0 21.0H100.0V21.0');
  });
});
