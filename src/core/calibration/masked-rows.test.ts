import { expect, it } from 'vitest';
import { mergeMasked, seenBySoftmax } from './masked-rows';

it('values far below their own row are left out, and the lowest peak of such rows is kept', () => {
  const values = Float32Array.of(1, -1e9, 3, /**/ -50, -30, -20, /**/ 2, -65536, -Infinity);
  const { values: seen, masked } = seenBySoftmax(values, 3);
  expect([...seen]).toEqual([1, 3, -50, -30, -20, 2]);
  expect(masked).toEqual({ count: 3, lowestPeak: 2, factor: 1 });
});

it('rows that can be seen throughout are the very array', () => {
  const values = Float32Array.of(1, -20, 3, -9);
  expect(seenBySoftmax(values, 2)).toEqual({ values, masked: null });
  expect(seenBySoftmax(values, 2).values).toBe(values);
});

it('a row of nothing but minus infinity keeps it, for whoever counts what is not finite', () => {
  const values = Float32Array.of(-Infinity, -Infinity);
  expect(seenBySoftmax(values, 2).masked).toBeNull();
});

it('values that the softmax halves are seen twice as far down', () => {
  const values = Float32Array.of(0, -60, -100);
  expect([...seenBySoftmax(values, 3, 0.5).values]).toEqual([0, -60]);
  expect([...seenBySoftmax(values, 3).values]).toEqual([0]);
});

it('merging adds counts and keeps the lower peak', () => {
  const [a, b] = [
    { count: 1, lowestPeak: 4, factor: 2 },
    { count: 2, lowestPeak: -3, factor: 2 },
  ];
  expect(mergeMasked(a, b)).toEqual({ count: 3, lowestPeak: -3, factor: 2 });
  expect(mergeMasked(null, b)).toEqual(b);
  expect(mergeMasked(null, null)).toBeNull();
});
