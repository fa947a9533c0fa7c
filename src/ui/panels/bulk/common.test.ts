import { describe, expect, it } from 'vitest';
import { commonOf } from './common';

describe('commonOf', () => {
  it('is what all have, or nothing and mixed', () => {
    expect(commonOf(['int4', 'int4'])).toEqual({ value: 'int4', mixed: false });
    expect(commonOf(['int4', null])).toEqual({ value: null, mixed: true });
    expect(commonOf([undefined, null])).toEqual({ value: null, mixed: false });
    expect(
      commonOf([
        { id: 'mse', params: {} },
        { id: 'mse', params: {} },
      ]),
    ).toEqual({
      value: { id: 'mse', params: {} },
      mixed: false,
    });
    expect(commonOf([])).toEqual({ value: null, mixed: false });
  });
});
