import { describe, expect, it } from 'vitest';
import { markedAfter } from './marking';

const SHOWN = ['a', 'b', 'c', 'd', 'e'];
const pick = (id: string, how: { extend?: boolean; toggle?: boolean } = {}) => ({
  id,
  extend: false,
  toggle: false,
  ...how,
});

describe('markedAfter', () => {
  it('puts one in or out', () => {
    expect(markedAfter(pick('c', { toggle: true }), SHOWN, ['d'], null)).toEqual(['c', 'd']);
    expect(markedAfter(pick('d', { toggle: true }), SHOWN, ['c', 'd'], null)).toEqual(['c']);
  });

  it('takes all from the current one, up or down, in place of what was marked or with it', () => {
    expect(markedAfter(pick('d', { extend: true }), SHOWN, ['a'], 'b')).toEqual(['b', 'c', 'd']);
    expect(markedAfter(pick('a', { extend: true }), SHOWN, [], 'c')).toEqual(['a', 'b', 'c']);
    expect(markedAfter(pick('e', { extend: true, toggle: true }), SHOWN, ['a'], 'd')).toEqual(['a', 'd', 'e']);
    expect(markedAfter(pick('b', { extend: true }), SHOWN, [], null)).toEqual(['b']);
  });

  it('keeps what a search hides, and starts here where the current one is hidden', () => {
    expect(markedAfter(pick('b', { toggle: true }), ['a', 'b'], ['z'], null)).toEqual(['b', 'z']);
    expect(markedAfter(pick('b', { extend: true }), ['a', 'b'], [], 'z')).toEqual(['b']);
  });
});
