import { describe, expect, it } from 'vitest';
import { ParetoFront, type Measured } from '../search/pareto';
import { nextGeneration } from './generations';
import { readPlan, type SweepPlan } from './plan';
import { Space } from './space';

const FORMATS = ['int8', 'int7', 'int6', 'int5', 'int4', 'int3', 'int2'];
const VARY = {
  weights: FORMATS,
  activations: FORMATS,
  estimator: ['minmax', 'mse', 'percentile', 'entropy'],
  granularity: ['channel', 'tensor'],
};
const searching = (search: object): SweepPlan =>
  readPlan({ sweep: 1, models: [{ model: 'm', data: 'random' }], vary: VARY, search }, 'plan');

/** Bits of weights cost; bits of both, the estimator and the granularity are worth something each. */
function measured(space: Space, index: number): Measured {
  const [weights, activations, estimator, granularity] = space.pointAt(index) as [number, number, number, number];
  const quality = 100 - 0.6 * 2 ** weights - 0.3 * 2 ** activations + [0, 3, 1, 2][estimator] - 4 * granularity;
  return { cost: 8 - weights, quality, tieBreak: 0 };
}

function course(plan: SweepPlan) {
  const space = new Space(plan);
  const outcomes = new Map<number, Measured | null>();
  const generations: (readonly number[])[] = [];
  for (
    let next = nextGeneration(plan, space, outcomes);
    next.length > 0;
    next = nextGeneration(plan, space, outcomes)
  ) {
    generations.push(next);
    for (const index of next) outcomes.set(index, measured(space, index));
  }
  return { space, outcomes, generations };
}

const frontOf = (points: Iterable<Measured>) => {
  const front = new ParetoFront<Measured>();
  for (const point of points) front.add(point);
  return front.points.map(({ cost, quality }) => `${cost} ${quality.toFixed(3)}`);
};

describe('the generations of a sweep', () => {
  it('are one, of everything, in a grid', () => {
    const { generations, space } = course(searching({ kind: 'grid' }));
    expect(generations).toHaveLength(1);
    expect(generations[0]).toHaveLength(space.size);
  });

  it.each([1, 2, 3])('find the whole front in less than half of the space, seed %i', (seed) => {
    const { outcomes, space, generations } = course(searching({ kind: 'pareto', configurations: 180, seed }));
    expect(space.size).toBe(392);
    const all = Array.from({ length: space.size }, (_, index) => measured(space, index));
    expect(frontOf(outcomes.values() as Iterable<Measured>)).toEqual(frontOf(all));
    expect(new Set(generations.flat()).size).toBe(180);
    expect(generations[0]).toContain(0);
    expect(generations.slice(0, -1).every(({ length }) => length === 16)).toBe(true);
  });

  it('are the same again, and go on alike from wherever they were stopped', () => {
    const plan = searching({ kind: 'pareto', configurations: 64, seed: 5 });
    const { generations, outcomes, space } = course(plan);
    expect(course(plan).generations).toEqual(generations);
    const known = new Map([...outcomes].slice(0, 32));
    expect(nextGeneration(plan, space, known)).toEqual(generations[2]);
  });

  it('end when there is nothing left', () => {
    const { generations, space } = course(searching({ kind: 'pareto', configurations: 1000, generation: 100 }));
    expect(generations.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: space.size }, (_, i) => i));
  });
});
