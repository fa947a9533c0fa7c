import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { additiveFront, type AdditiveModel, type Configuration } from './additive';
import { everyConfiguration } from '../../testing/oracles/configurations';

const table = (layers: number, choices: number) =>
  fc.array(fc.array(fc.integer({ min: -4, max: 9 }), { minLength: choices, maxLength: choices }), {
    minLength: layers,
    maxLength: layers,
  });
const model = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([layers, choices]) => fc.record({ costs: table(layers, choices), harms: table(layers, choices) }));

const total = (rows: readonly (readonly number[])[], configuration: Configuration) =>
  configuration.reduce((sum, choice, layer) => sum + rows[layer][choice], 0);

function sums({ costs, harms }: AdditiveModel, configurations: readonly Configuration[]) {
  return configurations.map((each) => ({ cost: total(costs, each), harm: total(harms, each) }));
}

describe('additiveFront', () => {
  it('is the front of all configurations, counted out', () => {
    fc.assert(
      fc.property(model, (each) => {
        const all = sums(each, everyConfiguration(each.costs.length, each.costs[0].length));
        const best = all
          .filter((a) => !all.some((b) => b.cost <= a.cost && b.harm <= a.harm && (b.cost < a.cost || b.harm < a.harm)))
          .sort((a, b) => a.cost - b.cost);
        const unique = best.filter((a, i) => i === 0 || a.cost !== best[i - 1].cost);
        expect(sums(each, additiveFront(each))).toEqual(unique);
      }),
    );
  });

  it('thins what it keeps, and then still spans the costs, with harm falling', () => {
    const layers = 24;
    const costs = Array.from({ length: layers }, (_, l) => [0, -(2 ** (l % 12)) - l / 7]);
    const harms = Array.from({ length: layers }, (_, l) => [0, 1 + ((l * 5) % 7) / 3]);
    const front = sums({ costs, harms }, additiveFront({ costs, harms }, 64));
    expect(front.length).toBeLessThanOrEqual(66);
    expect(front[0].cost).toBeCloseTo(
      costs.reduce((sum, row) => sum + row[1], 0),
      9,
    );
    expect(front.at(-1)).toEqual({ cost: 0, harm: 0 });
    front.forEach(({ cost, harm }, i) => {
      if (i > 0) expect(cost > front[i - 1].cost && harm < front[i - 1].harm).toBe(true);
    });
  });
});
