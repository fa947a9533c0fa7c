import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inversePermutation, movesNothing, permutedData, permutedShape } from './permute';

const shapeAndOrder = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
  .chain((shape) => fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })));

describe('permutations', () => {
  it('move each value to where its permuted index points', () => {
    fc.assert(
      fc.property(shapeAndOrder, ([shape, permutation]) => {
        // The value at an index spells the index in base 5, so that it says where it came from.
        const spelled = (index: readonly number[]) => index.reduce((n, i) => n * 5 + i, 0);
        const indices = shape.reduce<number[][]>(
          (all, d) => all.flatMap((index) => Array.from({ length: d }, (_, i) => [...index, i])),
          [[]],
        );
        const moved = permutedData(Int32Array.from(indices, spelled), shape, permutation);
        const result = permutedShape(shape, permutation);
        const inverse = inversePermutation(permutation);
        moved.forEach((value, at) => {
          const index: number[] = [];
          for (let axis = result.length - 1, rest = at; axis >= 0; axis--) {
            index.unshift(rest % result[axis]);
            rest = Math.floor(rest / result[axis]);
          }
          expect(value).toBe(spelled(inverse.map((to) => index[to])));
        });
        expect(permutedData(moved, result, inverse)).toEqual(Int32Array.from(indices, spelled));
        const still = moved.every((value, at) => value === spelled(indices[at]));
        if (movesNothing(shape, permutation)) expect(still).toBe(true);
      }),
    );
  });

  it('leave the array itself where only ones move', () => {
    const data = new Float32Array(12);
    expect(permutedData(data, [1, 3, 4, 1], [1, 0, 3, 2])).toBe(data);
    expect(movesNothing([2, 3], [1, 0])).toBe(false);
  });
});
