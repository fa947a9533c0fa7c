import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyFormat } from '../number-formats/format';
import { formatOf } from '../number-formats/table';
import type { WeightPlan } from '../quantize/plan';
import { weightGrid } from './weight-grid';

const gridOf = (format: AnyFormat, block?: number) =>
  weightGrid({ format, ...(block !== undefined && { block }) } as unknown as WeightPlan);

describe('weightGrid', () => {
  it('of integers counts by ones and saturates', () => {
    const grid = gridOf(formatOf('int4')!.weights)!;
    expect([grid.lowest, grid.highest]).toEqual([-7, 7]);
    expect([-9, -2.5, 0.5, 1.5, 6.6].map(grid.nearest)).toEqual([-7, -2, 0, 2, 7]);
    expect([grid.below(2.3), grid.above(2), grid.below(-0.2), grid.below(9.5)]).toEqual([2, 3, -1, 9]);
  });

  it('of FP4 has the numbers of OCP E2M1', () => {
    const grid = gridOf(formatOf('fp4-e2m1')!.weights)!;
    const up = [grid.lowest];
    while (up.at(-1)! < grid.highest) up.push(grid.above(up.at(-1)!));
    expect(up).toEqual([-6, -4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 6]);
    expect([2.5, 5, 7, -0.25, 0.75].map(grid.nearest)).toEqual([2, 4, 6, 0, 1]);
  });

  it.each(['int3', 'int8', 'fp8-e4m3fn', 'fp8-e5m2', 'flex-e2m5', 'fp6-e3m2'])('of %s brackets every value', (id) => {
    const grid = gridOf(formatOf(id)!.weights)!;
    fc.assert(
      fc.property(fc.double({ min: -2 * grid.highest, max: 2 * grid.highest, noNaN: true }), (x) => {
        const below = grid.below(x);
        expect(below <= x && x < grid.above(below)).toBe(true);
        const nearest = grid.nearest(x);
        const float = Math.fround(x); // rounding looks at the float32 quotient
        if (x > grid.lowest && x < grid.highest)
          expect(Math.abs(nearest - float)).toBeLessThanOrEqual((grid.above(below) - below) * 0.5000001);
      }),
    );
  });

  it('is none where rows have no step of their own', () => {
    expect(gridOf(formatOf('mxfp4')!.weights)).toBeNull();
    expect(gridOf(formatOf('fp16')!.weights)).toBeNull();
    expect(gridOf(formatOf('int4')!.weights, 32)).toBeNull();
  });
});
