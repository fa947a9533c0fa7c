import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testValues } from '../../testing/oracles/naive/compare';
import { Adam } from './adam';
import { adaRoundAll, alphaOf, betaAt, stretchedSigmoid } from './adaround';
import { choleskyInPlace, gptq, inverseFromCholesky } from './gptq';
import { decode, nearestLevels, Reconstruction, type RoundingProblem } from './rounding';
import { integerGrid } from './weight-grid';

/** A problem from `n` samples of correlated inputs, and the samples' outputs computed one by one. */
function problemOf(rows: number, columns: number, seed: number, { bits = 4, groups = 1, shift = 0.1 } = {}) {
  const n = 200;
  const inner = Math.ceil(columns / 2);
  const mix = testValues(groups * inner * columns, seed + 1);
  const hidden = testValues(groups * n * inner, seed + 2);
  const noise = testValues(groups * n * columns, seed + 3);
  const x = new Float32Array(groups * n * columns);
  for (let g = 0; g < groups; g++)
    for (let s = 0; s < n; s++)
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += hidden[(g * n + s) * inner + k] * mix[(g * inner + k) * columns + c];
        x[(g * n + s) * columns + c] = Math.max(0, sum);
      }
  const seen = x.map((v, i) => v + shift * noise[i] * 0.2);
  const moment = (a: Float32Array, b: Float32Array) => {
    const out = new Float32Array(groups * columns * columns);
    for (let g = 0; g < groups; g++)
      for (let i = 0; i < columns; i++)
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let s = 0; s < n; s++) sum += a[(g * n + s) * columns + i] * b[(g * n + s) * columns + j];
          out[(g * columns + i) * columns + j] = sum / n;
        }
    return out;
  };
  const weights = testValues(rows * columns, seed + 4);
  const qmax = 2 ** (bits - 1) - 1;
  const steps = Float32Array.from({ length: rows }, (_, r) =>
    Math.fround(Math.max(...weights.subarray(r * columns, (r + 1) * columns).map(Math.abs)) / qmax),
  );
  const problem: RoundingProblem = {
    rows, columns, groups, weights, steps, grid: integerGrid({ qmin: -qmax, qmax }),
    gram: moment(seen, seen), cross: moment(x, seen), float: moment(x, x),
  }; // prettier-ignore
  const lossOf = (rounded: Float32Array) => {
    let loss = 0;
    for (let r = 0; r < rows; r++) {
      const g = Math.floor((r * groups) / rows);
      for (let s = 0; s < n; s++) {
        let error = 0;
        for (let c = 0; c < columns; c++)
          error +=
            weights[r * columns + c] * x[(g * n + s) * columns + c] -
            rounded[r * columns + c] * seen[(g * n + s) * columns + c];
        loss += error ** 2 / n;
      }
    }
    return loss;
  };
  return { problem, lossOf };
}

/** The best of all roundings up or down, by trying each. */
function bestByForce(problem: RoundingProblem, lossOf: (w: Float32Array) => number): number {
  const { weights, steps, columns, grid } = problem;
  let best = Infinity;
  for (let mask = 0; mask < 2 ** weights.length; mask++) {
    const levels = weights.map((w, i) => {
      const code = Math.floor(w / steps[Math.floor(i / columns)]) + ((mask >> i) & 1);
      return Math.min(grid.highest, Math.max(grid.lowest, code));
    });
    best = Math.min(best, lossOf(decode(problem, levels)));
  }
  return best;
}

describe('AdaRound', () => {
  it('follows the schedule of β', () => {
    const at = [2000, 4000, 6000, 8000].map((iteration) => betaAt(iteration, 10_000));
    [20, 17.363961, 11, 4.636038969321072].forEach((beta, i) => expect(at[i]).toBeCloseTo(beta, 6));
    expect(betaAt(0, 10_000)).toBe(20);
    expect(at[3]).toBeCloseTo(4.636038969321072, 13);
  });

  it('stretches its sigmoid, and starts where the weights are', () => {
    const h = [-1, 0, 1, 2].map(stretchedSigmoid);
    [0.22273, 0.5, 0.77727, 0.956956].forEach((value, i) => expect(h[i]).toBeCloseTo(value, 5));
    expect(alphaOf(0.25)).toBeCloseTo(-0.887303, 6);
    expect(alphaOf(0.75)).toBeCloseTo(0.887303, 6);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (fraction) => {
        expect(stretchedSigmoid(alphaOf(fraction))).toBeCloseTo(fraction, 9);
      }),
    );
  });

  it('finds roundings as good as the best of all, or nearly', () => {
    let [gained, possible] = [0, 0];
    for (let seed = 1; seed <= 8; seed++) {
      const { problem, lossOf } = problemOf(1, 10, 100 * seed, { bits: 3, shift: 0 });
      const best = bestByForce(problem, lossOf);
      const { loss, nearestLoss } = adaRoundAll(problem, { iterations: 1000 });
      expect(loss).toBeGreaterThan(0.999 * best - 1e-6);
      gained += nearestLoss - loss;
      possible += nearestLoss - best;
    }
    expect(gained / possible).toBeGreaterThan(0.6);
  });

  it('learns the same every time, reports a falling loss, and stays on the grid', () => {
    const { problem } = problemOf(6, 18, 3, { groups: 3, bits: 3 });
    const once = adaRoundAll(problem, { iterations: 400 });
    expect(adaRoundAll(problem, { iterations: 400 })).toEqual(once);
    expect(once.curve.length).toBe(51);
    for (const code of once.levels) expect(Math.abs(code)).toBeLessThanOrEqual(3);
    const nearest = nearestLevels(problem);
    once.levels.forEach((level, i) => expect(Math.abs(level - nearest[i])).toBeLessThanOrEqual(1));
    expect(once.loss).toBeLessThan(0.7 * once.nearestLoss);
  });
});

describe('GPTQ', () => {
  it('inverts what is positive definite', () => {
    const n = 5;
    const values = testValues(n * n, 5);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        for (let k = 0; k < n; k++) a[i * n + j] += values[i * n + k] * values[j * n + k];
        if (i === j) a[i * n + j] += 0.1;
      }
    const lower = a.slice();
    expect(choleskyInPlace(lower, n)).toBe(true);
    const inverse = inverseFromCholesky(lower, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k] * inverse[k * n + j];
        expect(sum).toBeCloseTo(Number(i === j), 9);
      }
    expect(choleskyInPlace(Float64Array.of(1, 2, 2, 1), 2)).toBe(false);
  });

  it('makes up in later columns for what earlier ones lose', () => {
    // Two inputs that are always the same: 0.4 + 0.4 is best said as 1 + 0, which nearest rounding cannot see.
    const problem: RoundingProblem = {
      rows: 1, columns: 2, groups: 1, weights: Float32Array.of(0.4, 0.4), steps: Float32Array.of(1), grid: integerGrid({ qmin: -7, qmax: 7 }),
      gram: new Float32Array(4).fill(1), cross: new Float32Array(4).fill(1), float: new Float32Array(4).fill(1),
    }; // prettier-ignore
    const { levels, nearestLoss, loss } = gptq(problem);
    expect(levels[0] + levels[1]).toBe(1);
    expect(nearestLoss).toBeCloseTo(0.64, 6);
    expect(loss).toBeCloseTo(0.04, 6);
  });

  it('is no worse than rounding to nearest, mostly much better, in groups, too', () => {
    let ratio = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { problem, lossOf } = problemOf(4, 12, 7 * seed, { groups: seed % 2 ? 1 : 2 });
      const { levels, loss, nearestLoss } = gptq(problem);
      expect(loss).toBeLessThanOrEqual(nearestLoss);
      expect(lossOf(decode(problem, levels))).toBeCloseTo(loss, 4);
      ratio += loss / nearestLoss / 6;
    }
    expect(ratio).toBeLessThan(0.6);
  });
});

describe('the reconstruction loss', () => {
  it('is the squared error of the outputs, its gradient what differences say', () => {
    const { problem, lossOf } = problemOf(4, 6, 11, { groups: 2 });
    const reconstruction = new Reconstruction(problem);
    const weights = decode(problem, nearestLevels(problem));
    const { loss, halfGradient } = reconstruction.at(weights);
    expect(loss).toBeCloseTo(lossOf(weights), 4);
    weights.forEach((_, i) => {
      const moved = (by: number) => lossOf(weights.map((w, j) => (i === j ? w + by : w)));
      expect(2 * halfGradient[i]).toBeCloseTo((moved(0.01) - moved(-0.01)) / 0.02, 3);
    });
  });
});

describe('Adam', () => {
  it('takes first steps of the rate, whatever the gradient’s size', () => {
    const x = Float32Array.of(1, 1);
    new Adam(2, 0.1).update(x, Float32Array.of(1e-3, -500));
    expect(x[0]).toBeCloseTo(0.9, 4);
    expect(x[1]).toBeCloseTo(1.1, 4);
  });

  it('finds a minimum', () => {
    const x = Float32Array.of(5);
    const adam = new Adam(1, 0.05);
    for (let i = 0; i < 2000; i++) adam.update(x, x.map((v) => 2 * (v - 2))); // prettier-ignore
    expect(x[0]).toBeCloseTo(2, 2);
  });
});
