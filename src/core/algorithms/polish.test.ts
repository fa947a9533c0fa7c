import { describe, expect, it } from 'vitest';
import { testValues } from '../../testing/oracles/naive/compare';
import { formatOf } from '../number-formats/table';
import type { WeightPlan } from '../quantize/plan';
import { adaRoundAll } from './adaround';
import { gptq } from './gptq';
import { polished, polishLevels } from './polish';
import { decode, nearestLevels, Reconstruction, type RoundingProblem } from './rounding';
import { weightGrid } from './weight-grid';

/** Inputs that are correlated, the same in float and quantized. */
function problemOf(rows: number, columns: number, seed: number, format: string, groups = 1): RoundingProblem {
  const n = 3 * columns;
  const grid = weightGrid({ format: formatOf(format)!.weights } as unknown as WeightPlan)!;
  const gram = new Float32Array(groups * columns * columns);
  for (let g = 0; g < groups; g++) {
    const mix = testValues(columns * columns, seed + g);
    const x = testValues(n * columns, seed + 50 + g);
    for (let s = 0; s < n; s++) {
      const sample = Array.from({ length: columns }, (_, c) => {
        let sum = 0;
        for (let k = 0; k < columns; k++) sum += x[s * columns + k] * mix[k * columns + c];
        return Math.max(0, sum);
      });
      for (let i = 0; i < columns; i++)
        for (let j = 0; j < columns; j++) gram[(g * columns + i) * columns + j] += (sample[i] * sample[j]) / n;
    }
  }
  const weights = testValues(rows * columns, seed + 99);
  const steps = Float32Array.from({ length: rows }, (_, r) => {
    const row = weights.subarray(r * columns, (r + 1) * columns);
    return Math.max(...row.map(Math.abs)) / grid.highest;
  });
  return { rows, columns, groups, weights, steps, grid, gram, cross: gram, float: gram };
}

const lossOf = (problem: RoundingProblem, levels: Float32Array) => new Reconstruction(problem).lossOf(levels);

describe('polishing', () => {
  it.each([
    ['int4', 1],
    ['int3', 4],
    ['fp4-e2m1', 1],
    ['fp8-e5m2', 2],
  ])('of %s leaves no single weight whose move would help, and stays on the grid', (format, groups) => {
    const problem = problemOf(4, 10, 7, format, groups);
    const levels = polishLevels(problem, nearestLevels(problem));
    const loss = lossOf(problem, levels);
    expect(loss).toBeLessThan(lossOf(problem, nearestLevels(problem)));
    const { grid } = problem;
    levels.forEach((level, i) => {
      expect(grid.nearest(level)).toBe(level);
      for (const other of [grid.nearest(grid.above(level)), grid.nearest(-grid.above(-level))]) {
        const moved = levels.slice();
        moved[i] = other;
        expect(lossOf(problem, moved)).toBeGreaterThan(loss * (1 - 1e-4) - 1e-6);
      }
    });
  });

  it('finds the best of all levels where that is one move away', () => {
    // Two inputs that are always the same: 0.4 + 0.4 is best said as 1 + 0.
    const ones = new Float32Array(4).fill(1);
    const grid = weightGrid({} as unknown as WeightPlan)!;
    const problem = { rows: 1, columns: 2, groups: 1, grid, gram: ones, cross: ones, float: ones };
    const levels = polishLevels(
      { ...problem, weights: Float32Array.of(0.4, 0.4), steps: Float32Array.of(1) },
      new Float32Array(2),
    );
    expect([...levels].sort()).toEqual([0, 1]);
  });

  it('makes what AdaRound and GPTQ found better still, and says so', () => {
    let [better, all] = [0, 0];
    for (let seed = 1; seed <= 6; seed++) {
      const problem = problemOf(6, 16, 20 * seed, 'int4');
      for (const rounded of [adaRoundAll(problem, { iterations: 300 }), gptq(problem)]) {
        const after = polished(problem, rounded);
        expect(after.loss).toBeLessThanOrEqual(rounded.loss);
        expect(after.loss).toBeCloseTo(lossOf(problem, after.levels), 6);
        expect(decode(problem, after.levels)).toHaveLength(96);
        better += Number(after.loss < 0.98 * rounded.loss);
        all++;
      }
    }
    expect(better).toBeGreaterThan(all / 2);
  });
});
