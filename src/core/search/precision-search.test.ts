import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everyConfiguration } from '../../testing/oracles/configurations';
import { Random } from '../../base/random';
import type { Configuration } from './additive';
import { bestWithin, ParetoFront, type Budget } from './pareto';
import { halving, searchPrecision, type Outcome, type SearchSpace } from './precision-search';

interface Problem {
  readonly space: SearchSpace;
  readonly outcomeOf: (configuration: Configuration) => Outcome;
}

/** Harms add up but for what each layer does to the next one: `interaction` times both. */
function problem(layers: number, choices: number, seed: number, interaction: number): Problem {
  const random = new Random(seed);
  const bytes = Array.from({ length: layers }, () => 50 + random.integer(1000));
  const weight = Array.from({ length: layers }, () => 10 ** random.uniform(-3, 0));
  const base = Math.min(1, choices - 1);
  // Choice 0 is the narrowest: dearer and less harmful from choice to choice.
  const harmOf = (layer: number, choice: number) => weight[layer] * 8 ** (choices - 1 - choice);
  const costs = bytes.map((size) => Array.from({ length: choices }, (_, choice) => size * (choice - base)));
  const outcomeOf = (configuration: Configuration): Outcome => {
    const cost = 10_000 + configuration.reduce((sum, choice, layer) => sum + bytes[layer] * (choice - base), 0);
    let harm = 0;
    configuration.forEach((choice, layer) => {
      harm += harmOf(layer, choice);
      if (layer > 0)
        harm += interaction * Math.sqrt(harmOf(layer, choice) * harmOf(layer - 1, configuration[layer - 1]));
    });
    return { cost, harm, quality: -Math.log(harm), tieBreak: 0 };
  };
  return { space: { costs, base }, outcomeOf };
}

interface Point extends Outcome {
  readonly configuration: Configuration;
}

/** Searches until it ends or has measured `most`. */
function search({ space, outcomeOf }: Problem, budget: Budget | null, most = Infinity, seed = 1) {
  const run = searchPrecision(space, { budget, seed });
  const asked: Configuration[] = [];
  const front = new ParetoFront<Point>();
  for (let step = run.next(); !step.done && asked.length < most;) {
    const { configuration } = step.value;
    asked.push(configuration);
    const outcome = outcomeOf(configuration);
    front.add({ ...outcome, configuration });
    step = run.next(outcome);
  }
  return { asked, front: front.points };
}

function bruteForce({ space, outcomeOf }: Problem): readonly Point[] {
  const front = new ParetoFront<Point>();
  for (const configuration of everyConfiguration(space.costs.length, space.costs[0].length))
    front.add({ ...outcomeOf(configuration), configuration });
  return front.points;
}

const marks = (points: readonly Point[]) => points.map(({ cost, quality }) => [cost, quality]);

describe('searchPrecision', () => {
  it('given time, finds the front that counting out finds, whatever the outcomes are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer(),
        fc.constantFrom<Budget | null>(null, { kind: 'cost', most: 9500 }, { kind: 'quality', least: 0.5 }),
        (layers, choices, seed, budget) => {
          const { space } = problem(layers, choices, seed, 0);
          // Nothing that the search could predict: numbers by chance.
          const outcomeOf = (configuration: Configuration): Outcome => {
            const random = new Random(seed, Number(configuration.join('')));
            const draw = () => random.integer(8);
            return { cost: 9000 + 200 * draw(), harm: draw(), quality: draw() / 8, tieBreak: 0 };
          };
          const { asked, front } = search({ space, outcomeOf }, budget);
          expect(asked).toHaveLength(choices ** layers);
          expect(new Set(asked.map((each) => each.join())).size).toBe(asked.length);
          expect(marks(front)).toEqual(marks(bruteForce({ space, outcomeOf })));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('begins with the base everywhere, the other choices everywhere, then layers alone, the largest savings first', () => {
    const each = problem(6, 3, 4, 0);
    const { asked } = search(each, null, 3 + 12);
    expect(asked.slice(0, 3)).toEqual([1, 0, 2].map((choice) => new Array(6).fill(choice)));
    const saved = asked.slice(3).map((configuration) => {
      const layer = configuration.findIndex((choice) => choice !== 1);
      expect(configuration.filter((choice) => choice !== 1)).toHaveLength(1);
      return -each.space.costs[layer][configuration[layer]];
    });
    expect(saved).toEqual([...saved].sort((a, b) => b - a));
  });

  it.each([1, 2, 3])('finds what is best within a budget at once where layers do not mind each other (%d)', (seed) => {
    const each = problem(8, 3, seed, 0);
    const best = bruteForce(each);
    const middle = best[Math.floor(best.length / 2)];
    for (const budget of [
      { kind: 'cost', most: middle.cost + 0.5 },
      { kind: 'quality', least: middle.quality - 1e-9 },
    ] as const) {
      // 3 + 16 to learn the sensitivities; halving the front to look for a quality; a dozen next to the budget.
      const { front } = search(each, budget, 3 + 16 + 12 + 12);
      expect(bestWithin(front, budget)).toMatchObject({ cost: middle.cost });
    }
  });

  it('where they do, gets nearer by evolving than by chance', () => {
    const each = problem(14, 3, 9, 0.8);
    const found = search(each, null, 240).front;
    const random = new Random(3);
    const drawn = new ParetoFront<Point>();
    for (let i = 0; i < 240; i++) {
      const configuration = each.space.costs.map(() => random.integer(3));
      drawn.add({ ...each.outcomeOf(configuration), configuration });
    }
    const beaten = drawn.points.filter((p) => found.some((q) => q.cost <= p.cost && q.quality > p.quality));
    expect(beaten.length).toBeGreaterThan(0.9 * drawn.points.length);
    // And what it goes on to find is better than what the sensitivities alone had predicted.
    const predicted = search(each, null, 3 + 28 + 24).front;
    const area = (points: readonly Point[]) => {
      const grid = Array.from(
        { length: 100 },
        (_, i) => found[0].cost + (i / 99) * (found.at(-1)!.cost - found[0].cost),
      );
      return grid.reduce((sum, most) => sum + (bestWithin(points, { kind: 'cost', most })?.quality ?? -10), 0);
    };
    expect(area(found)).toBeGreaterThan(area(predicted));
  });

  it('asks for the same with the same seed, and measures nothing twice in a space that is too large to end', () => {
    const each = problem(12, 3, 7, 0.5);
    const budget = { kind: 'cost', most: 10_500 } as const;
    const first = search(each, budget, 400, 5).asked.map((configuration) => configuration.join());
    expect(search(each, budget, 400, 5).asked.map((configuration) => configuration.join())).toEqual(first);
    expect(search(each, budget, 400, 6).asked.map((configuration) => configuration.join())).not.toEqual(first);
    expect(new Set(first).size).toBe(400);
  });

  it('has nothing to vary, and measures that once', () => {
    expect(search({ space: { costs: [], base: 0 }, outcomeOf: problem(1, 1, 1, 0).outcomeOf }, null).asked).toEqual([
      [],
    ]);
  });
});

describe('halving', () => {
  it('visits everything once, ends and middle first', () => {
    expect(halving(9)).toEqual([0, 8, 4, 2, 6, 1, 3, 5, 7]);
    for (const n of [0, 1, 2, 3, 10, 31]) expect(halving(n).sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
  });
});
