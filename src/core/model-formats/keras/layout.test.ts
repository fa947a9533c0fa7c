import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hwimToDepthwise, hwioToOhwi, hwoiToOhwi, ioToOi, type Laid } from './layout';

const dim = fc.integer({ min: 1, max: 40 });
const small = fc.integer({ min: 1, max: 5 });

function counted(shape: readonly number[]): Laid {
  return { data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i), shape };
}

/** Element at `index` of a row-major array. */
function at({ data, shape }: Laid, index: readonly number[]): number {
  return data[index.reduce((flat, i, axis) => flat * shape[axis] + i, 0)];
}

function* indices(shape: readonly number[]): Generator<number[]> {
  const [first, ...rest] = shape;
  if (first === undefined) yield [];
  else for (let i = 0; i < first; i++) for (const tail of indices(rest)) yield [i, ...tail];
}

describe('kernel layouts', () => {
  it('moves every element of a convolution kernel to its place', () => {
    fc.assert(
      fc.property(small, small, fc.integer({ min: 1, max: 9 }), dim, (h, w, i, o) => {
        const from = counted([h, w, i, o]);
        const to = hwioToOhwi(from);
        expect(to.shape).toEqual([o, h, w, i]);
        for (const [y, x, ci, co] of indices(from.shape))
          if (at(to, [co, y, x, ci]) !== at(from, [y, x, ci, co])) throw new Error(`${y},${x},${ci},${co}`);
      }),
      { numRuns: 30 },
    );
  });

  it('moves every element of a transposed convolution kernel to its place', () => {
    fc.assert(
      fc.property(small, small, small, small, (h, w, o, i) => {
        const from = counted([h, w, o, i]);
        const to = hwoiToOhwi(from);
        expect(to.shape).toEqual([o, h, w, i]);
        for (const [y, x, co, ci] of indices(from.shape))
          if (at(to, [co, y, x, ci]) !== at(from, [y, x, co, ci])) throw new Error(`${y},${x},${co},${ci}`);
      }),
      { numRuns: 30 },
    );
  });

  it('transposes dense kernels, across tile borders too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 80 }), (i, o) => {
        const from = counted([i, o]);
        const to = ioToOi(from);
        expect(to.shape).toEqual([o, i]);
        for (const [a, b] of indices(from.shape)) if (at(to, [b, a]) !== at(from, [a, b])) throw new Error(`${a},${b}`);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps the bytes of a depthwise kernel, whose output channel is input · multiplier + m in both worlds', () => {
    const from = counted([3, 2, 4, 2]);
    const to = hwimToDepthwise(from);
    expect(to.shape).toEqual([1, 3, 2, 8]);
    expect(to.data).toBe(from.data);
    expect(at(to, [0, 2, 1, 3 * 2 + 1])).toBe(at(from, [2, 1, 3, 1]));
  });
});
