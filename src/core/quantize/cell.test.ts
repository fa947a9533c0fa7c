import { expect, it } from 'vitest';
import { cellParams } from './cell';

it.each([
  [-0.3, 0.9, -15],
  [-1, 0.2, -15],
  [-1.1, 0.2, -14],
  [0, 7.9, -12],
  [-300, 20, -9],
  [0, 0, -15],
])('gives cells from %d to %d the scale 2^%i', (min, max, exponent) => {
  expect(cellParams({ min, max })).toMatchObject({
    scale: Float32Array.of(2 ** exponent),
    zeroPoint: Int32Array.of(0),
  });
});
