import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightStats } from './weight-stats';

const cases = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat())
  .map(([shape, axis, seed]) => ({ shape, axis: axis % shape.length, seed }));

describe('weightStats', () => {
  it('finds the values of each channel, wherever its axis is', () => {
    fc.assert(
      fc.property(cases, ({ shape, axis, seed }) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const data = Float32Array.from({ length: size }, (_, i) => Math.fround(Math.sin((i + 1) * (seed % 97) + 1)));
        const byChannel = Array.from({ length: shape[axis] }, (): number[] => []);
        // The index along the axis, by taking the position apart from the last dimension on.
        data.forEach((x, i) => {
          let rest = i;
          let index = 0;
          for (let d = shape.length - 1; d >= axis; d--) {
            index = rest % shape[d];
            rest = Math.floor(rest / shape[d]);
          }
          byChannel[index].push(x);
        });
        const { channels, tensor, quantizedDimension } = weightStats(data, shape, axis);
        expect(quantizedDimension).toBe(axis);
        expect(tensor.count).toBe(size);
        expect(channels.map(({ count, min, max }) => [count, min, max])).toEqual(
          byChannel.map((values) => [values.length, Math.min(...values) + 0, Math.max(...values) + 0]),
        );
        channels.forEach(({ mean, histogram }, c) => {
          expect(mean).toBeCloseTo(byChannel[c].reduce((a, b) => a + b, 0) / byChannel[c].length, 9);
          expect(histogram.counts.length).toBe(128);
          expect(histogram.counts.reduce((a, b) => a + b)).toBe(byChannel[c].length);
        });
      }),
    );
  });

  it('leaves channels out where there are none', () => {
    expect(weightStats(Float32Array.of(1, 2), [2], null)).toMatchObject({ quantizedDimension: null, channels: [] });
  });

  it('refuses data that does not fill its shape', () => {
    expect(() => weightStats(new Float32Array(5), [2, 3], 0)).toThrow(RangeError);
  });
});
