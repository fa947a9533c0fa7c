import { expect, it } from 'vitest';
import { courseOf } from './ConvergenceChart';

it('has both ends of the range at each checkpoint, and 0 in view', () => {
  const { x, y, points } = courseOf({
    samples: Uint32Array.of(10, 20, 40),
    mins: Float32Array.of(0.5, 0.25, 0.25),
    maxs: Float32Array.of(1, 2, 4),
    lows: Float32Array.of(0.5, 0.5, 0.5),
    highs: Float32Array.of(1, 1, 1),
  });
  expect([x.lo, x.hi, y.lo]).toEqual([10, 40, 0]);
  expect(y.hi).toBeGreaterThan(4);
  expect(points.map(({ x: at, values }) => [at, ...values])).toEqual([
    [10, 1, 0.5, 1, 0.5],
    [20, 2, 0.25, 1, 0.5],
    [40, 4, 0.25, 1, 0.5],
  ]);
  expect(points[2]).toMatchObject({ name: '40 samples', texts: ['4', '0.25', '1', '0.5'] });
});
