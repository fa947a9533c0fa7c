import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random';

describe('Random', () => {
  it.each([
    // the same definition in Python's unbounded integers
    [0, 0, [163228893, 2993919121, 2428223710, 3345763560]],
    [42, 0, [3317476239, 317204093, 887791200, 237834454]],
    [42, 1, [3718364768, 3693862837, 4260355331, 945912246]],
    [2 ** 32 - 1, 3, [118711949, 2437994707, 41812692, 2776625079]],
  ])('seed %i, stream %i', (seed, stream, expected) => {
    const random = new Random(seed, stream);
    expect(expected.map(() => random.uint32())).toEqual(expected);
  });

  it('has the moments of its distributions', () => {
    const random = new Random(7);
    const n = 200_000;
    let [sum, squares, gaussian, gaussianSquares] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const u = random.uniform();
      const g = random.gaussian();
      sum += u;
      squares += u * u;
      gaussian += g;
      gaussianSquares += g * g;
    }
    // Five standard errors each: σ(u) = √(1/12), σ(u²) = √(4/45), σ(g) = 1, σ(g²) = √2.
    const within = (value: number, expected: number, sigma: number) =>
      expect(Math.abs(value / n - expected)).toBeLessThan((5 * sigma) / Math.sqrt(n));
    within(sum, 1 / 2, Math.sqrt(1 / 12));
    within(squares, 1 / 3, Math.sqrt(4 / 45));
    within(gaussian, 0, 1);
    within(gaussianSquares, 1, Math.SQRT2);
  });

  it('draws integers evenly', () => {
    const random = new Random(3);
    const counts = new Array(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.integer(10)]++;
    const chiSquare = counts.reduce((sum, c) => sum + (c - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(33.7); // 9 degrees of freedom, p = 0.0001
  });

  it('shuffles into every order alike', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 12_000; seed++) {
      const order = new Random(seed).shuffle([0, 1, 2]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, c) => sum + (c - 2000) ** 2 / 2000, 0);
    expect(counts.size).toBe(6);
    expect(chiSquare).toBeLessThan(25.8); // 5 degrees of freedom, p = 0.0001
  });

  it('only reorders', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const sorted = (list: number[]) => [...list].sort((a, b) => a - b);
        expect(sorted(new Random(seed).shuffle([...items]))).toEqual(sorted(items));
      }),
    );
  });
});
