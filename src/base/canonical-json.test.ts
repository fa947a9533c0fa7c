import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json';

it('is the same text whatever the order of names, and keeps that of lists', () => {
  const a = { b: [2, 1], a: { d: null, c: undefined, e: 'x' } };
  expect(canonicalJson(a)).toBe('{"a":{"d":null,"e":"x"},"b":[2,1]}');
  expect(canonicalJson({ a: { e: 'x', d: null }, b: [2, 1] })).toBe(canonicalJson(a));
  expect(canonicalJson({ b: [1, 2] })).not.toBe(canonicalJson({ b: [2, 1] }));
});
