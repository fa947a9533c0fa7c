import { describe, expect, it } from 'vitest';
import { testValues } from '../../testing/oracles/naive/compare';
import { formatOf } from '../number-formats/table';
import type { WeightPlan } from '../quantize/plan';
import { decode, type RoundingProblem } from './rounding';
import { stochasticRounding } from './stochastic';
import { weightGrid } from './weight-grid';

function problemOf(weights: Float32Array, format: string, step: number): RoundingProblem {
  const n = weights.length;
  const gram = Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  const grid = weightGrid({ format: formatOf(format)!.weights } as unknown as WeightPlan)!;
  const steps = Float32Array.of(step);
  return { rows: 1, columns: n, groups: 1, weights, steps, grid, gram, cross: gram, float: gram };
}

describe('stochastic rounding', () => {
  it('is the same with the same seed, and another for other weights', () => {
    const weights = testValues(200, 3);
    const of = (seed: number) => [...stochasticRounding(problemOf(weights, 'int4', 0.2), seed).levels];
    expect(of(7)).toEqual(of(7));
    expect(of(8)).not.toEqual(of(7));
  });

  it.each([
    ['int8', 0.01],
    ['fp8-e4m3fn', 0.02],
  ])('of %s takes a neighbour each, and is right on average', (format, step) => {
    const weights = testValues(60, 5);
    const problem = problemOf(weights, format, step);
    const draws = 400;
    const mean = new Float64Array(60);
    for (let seed = 0; seed < draws; seed++) {
      const { levels } = stochasticRounding(problem, seed);
      levels.forEach((level, i) => {
        const quotient = weights[i] / problem.steps[0];
        const below = problem.grid.below(quotient);
        expect([below, problem.grid.above(below)]).toContain(level);
      });
      decode(problem, levels).forEach((value, i) => (mean[i] += value / draws));
    }
    weights.forEach((w, i) => {
      const below = problem.grid.below(w / step);
      const gap = (problem.grid.above(below) - below) * step;
      expect(Math.abs(mean[i] - w)).toBeLessThan((5 * 0.5 * gap) / Math.sqrt(draws)); // five standard errors
    });
  });

  it('leaves what is on the grid alone, saturates, and reports that it loses more than rounding to nearest', () => {
    expect([...stochasticRounding(problemOf(Float32Array.of(-3, 0, 2, 9, -9), 'int4', 1), 1).levels]).toEqual([
      -3, 0, 2, 7, -7,
    ]);
    const { loss, nearestLoss } = stochasticRounding(problemOf(testValues(500, 9), 'int4', 0.2), 1);
    expect(loss).toBeGreaterThan(1.5 * nearestLoss);
  });
});
