import fc from 'fast-check';
import { expect, it } from 'vitest';
import { broadcastShapes, broadcastStrides, stridesOf } from './broadcast';

it('broadcasts as numpy documents it', () => {
  expect(broadcastShapes([256, 256, 3], [3])).toEqual([256, 256, 3]);
  expect(broadcastShapes([8, 1, 6, 1], [7, 1, 5])).toEqual([8, 7, 6, 5]);
  expect(broadcastShapes([15, 3, 5], [15, 1, 5])).toEqual([15, 3, 5]);
  expect(broadcastShapes([], [2, 3])).toEqual([2, 3]);
  expect(broadcastShapes([3], [4])).toBeNull();
  expect(broadcastShapes([2, 1], [8, 4, 3])).toBeNull();
});

it('lets a symbolic batch meet 1 or itself, outermost only', () => {
  expect(broadcastShapes([-1, 4], [-1, 4])).toEqual([-1, 4]);
  expect(broadcastShapes([-1, 4], [1, 1])).toEqual([-1, 4]);
  expect(broadcastShapes([4], [-1, 1])).toEqual([-1, 4]);
  expect(broadcastShapes([-1, 4], [3, 4])).toBeNull();
  expect(broadcastShapes([-1, 4], [2, 1, 4])).toBeNull();
  expect(broadcastShapes([-1], [-1, 1])).toBeNull();
});

it('is what repeating each array along its dimensions of 1 gives', () => {
  const pair = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('both', 'first', 'second')), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(pair, fc.nat(4), (dims, dropped) => {
      const full = dims.map(([d]) => d);
      const a = dims.map(([d, who]) => (who === 'second' ? 1 : d));
      const b = dims.map(([d, who]) => (who === 'first' ? 1 : d));
      const shorter = b.slice(
        Math.min(dropped, b.findIndex((d) => d !== 1) < 0 ? b.length : b.findIndex((d) => d !== 1)),
      );
      expect(broadcastShapes(a, shorter)).toEqual(full);
      expect(broadcastShapes(shorter, a)).toEqual(full);
      const strides = broadcastStrides(a, full);
      const own = stridesOf(a);
      expect(strides).toEqual(a.map((d, i) => (d === 1 ? 0 : own[i])));
    }),
  );
});
