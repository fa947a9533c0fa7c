import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestWithin, dominates, ParetoFront, type Measured } from './pareto';

/** Small whole numbers, so that equals are common. */
const point = fc.record({ cost: fc.nat(6), quality: fc.nat(6), tieBreak: fc.nat(2) });

function frontOf(points: readonly Measured[]): ParetoFront<Measured> {
  const front = new ParetoFront<Measured>();
  for (const each of points) front.add(each);
  return front;
}

describe('ParetoFront', () => {
  it('holds exactly what no other point dominates, once each, ascending', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 30 }), (points) => {
        const { points: front } = frontOf(points);
        const best = points.filter((p) => !points.some((other) => dominates(other, p)));
        const text = (p: Measured) => `${p.cost} ${p.quality} ${p.tieBreak}`;
        expect(front.map(text)).toEqual([...new Set(best.sort((a, b) => a.cost - b.cost).map(text))]);
        for (const [i, p] of front.entries())
          if (i > 0) expect(p.cost > front[i - 1].cost && p.quality > front[i - 1].quality).toBe(true);
      }),
    );
  });

  it('says of each new point whether it is on the front', () => {
    const front = new ParetoFront<Measured>();
    const add = (cost: number, quality: number, tieBreak = 0) => front.add({ cost, quality, tieBreak });
    expect(add(2, 5)).toBe(true);
    expect(add(3, 5)).toBe(false); // dearer, no better
    expect(add(2, 5)).toBe(false); // the same
    expect(add(2, 5, 1)).toBe(true); // the same, but for the tie-break
    expect(add(3, 6)).toBe(true);
    expect(add(1, 6)).toBe(true); // cheaper and as good as the best: alone now
    expect(front.points).toEqual([{ cost: 1, quality: 6, tieBreak: 0 }]);
  });
});

describe('bestWithin', () => {
  const { points } = frontOf([1, 2, 3].map((cost) => ({ cost, quality: 10 * cost, tieBreak: 0 })));

  it('is the best that is cheap enough, or the cheapest that is good enough', () => {
    expect(bestWithin(points, { kind: 'cost', most: 2.5 })?.cost).toBe(2);
    expect(bestWithin(points, { kind: 'quality', least: 11 })?.cost).toBe(2);
    expect(bestWithin(points, { kind: 'cost', most: 0.5 })).toBeNull();
    expect(bestWithin(points, { kind: 'quality', least: 31 })).toBeNull();
  });
});
