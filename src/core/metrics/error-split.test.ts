import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { chooseQuantParams, quantize, type AffineParams } from '../numerics/affine';
import { codeRange, INT8_ACTIVATION, type IntFormat } from '../number-formats/format';
import { normalDensity, normalTail } from '../numerics/normal';
import { clipBounds } from '../calibration/quantization-error';
import { partShares, SplitAccumulator, splitSqnrDb, type ErrorSplit } from './error-split';

const COUNT = 400_000;
const SYMMETRIC: IntFormat = { kind: 'int', bits: 8, symmetric: true, narrow: true };

function onGrid(values: Float64Array, params: AffineParams, format: IntFormat): Float64Array {
  const { qmin, qmax } = codeRange(format);
  return values.map((x) => params.scale * (quantize(x, params, qmin, qmax) - params.zeroPoint));
}

/** y = a·x with x and a rounded; `a` one number, so that every expectation has a closed form. */
function scaled(x: Float64Array, seen: Float64Array, a: number, rounded: number, output: AffineParams, f: IntFormat) {
  const split = new SplitAccumulator(clipBounds(output, f));
  const unrounded = seen.map((v) => rounded * v);
  split.add({
    float: x.map((v) => a * v),
    carried: seen.map((v) => a * v),
    unrounded,
    rounded: onGrid(unrounded, output, f),
  });
  return split.result();
}

const random = new Random(3);
const uniform = Float64Array.from({ length: COUNT }, () => random.uniform(-1, 1));
const gaussian = Float64Array.from({ length: COUNT }, () => random.gaussian());
const near = (actual: number, expected: number, relative: number) =>
  expect(Math.abs(actual / expected - 1)).toBeLessThan(relative);

describe('the split of a tensor’s error', () => {
  it('of a uniform tensor that is rounded and nothing else: Δ²/12, all of it rounding', () => {
    const params = chooseQuantParams({ min: -1, max: 1 }, SYMMETRIC);
    const split = scaled(uniform, uniform, 1, 1, params, SYMMETRIC);
    near(split.rounding, params.scale ** 2 / 12, 0.01);
    near(split.signal, 1 / 3, 0.01);
    expect(split).toMatchObject({ clipping: 0, weights: 0, propagated: 0, clippedShare: 0, count: COUNT });
    expect(split.total).toBe(split.rounding);
    expect(splitSqnrDb(split)).toBeCloseTo(20 * Math.log10(2 * 127), 1);
  });

  it('of a normal tensor cut at kσ: 2[(1 + k²)Q(k) − kφ(k)] is clipping', () => {
    const k = 2;
    const params = chooseQuantParams({ min: -k, max: k }, SYMMETRIC);
    const { clipping, rounding, clippedShare, cross } = scaled(gaussian, gaussian, 1, 1, params, SYMMETRIC);
    near(clipping, 2 * ((1 + k * k) * normalTail(k) - k * normalDensity(k)), 0.03);
    // Clipping begins half a step outside the grid.
    near(clippedShare, 2 * normalTail(k + params.scale / 2), 0.02);
    near(rounding, ((1 - clippedShare) * params.scale ** 2) / 12, 0.02);
    expect(cross).toBeCloseTo(0, 12); // never in the same value
  });

  it('through a linear layer: inputs carry a²Δ²/12, weights add (δa)²E[x²], the output rounds, and they add up', () => {
    const [a, rounded] = [0.7, 0.71];
    const input = chooseQuantParams({ min: -1, max: 1 }, SYMMETRIC);
    const output = chooseQuantParams({ min: -1, max: 1 }, INT8_ACTIVATION);
    const split = scaled(uniform, onGrid(uniform, input, SYMMETRIC), a, rounded, output, INT8_ACTIVATION);
    near(split.propagated, (a * input.scale) ** 2 / 12, 0.01);
    near(split.weights, (rounded - a) ** 2 / 3, 0.01);
    near(split.rounding, output.scale ** 2 / 12, 0.02);
    expect(split.clipping).toBe(0);
    // Uncorrelated, as far as rounding 255 values again can be.
    expect(Math.abs(split.cross)).toBeLessThan(0.03 * split.total);
    const shares = partShares(split);
    expect(shares.clipping + shares.rounding + shares.weights + shares.propagated).toBeCloseTo(1, 12);
  });

  it('crosses where parts pull the same way: an input clipped and a weight too small both shrink the output', () => {
    const [a, rounded, k] = [1, 0.9, 1];
    const seen = gaussian.map((x) => Math.min(k, Math.max(-k, x)));
    const fine: IntFormat = { ...SYMMETRIC, bits: 16 };
    const split = scaled(gaussian, seen, a, rounded, chooseQuantParams({ min: -8, max: 8 }, fine), fine);
    // 2·E[(x̂ − x)·(â − a)·x̂] = 2(a − â)·E[(x − x̂)·x̂] = 2(a − â)·2k(φ(k) − kQ(k)).
    near(split.cross, 2 * (a - rounded) * 2 * k * (normalDensity(k) - k * normalTail(k)), 0.05);
    expect(split.cross).toBeGreaterThan(0.05 * split.total);
  });

  it('adds up to the total exactly, whatever the values, and does not care how the stream is cut', () => {
    const four = fc.array(fc.tuple(...[0, 1, 2, 3].map(() => fc.double({ min: -50, max: 50, noNaN: true }))));
    fc.assert(
      fc.property(four, fc.nat(), (rows, at) => {
        const column = (i: number, from = 0, to = rows.length) => rows.slice(from, to).map((row) => row[i]);
        const stages = (from = 0, to = rows.length) => ({
          float: column(0, from, to),
          carried: column(1, from, to),
          unrounded: column(2, from, to),
          rounded: column(3, from, to),
        });
        const whole = new SplitAccumulator({ low: -9, high: 9 });
        whole.add(stages());
        const parts = new SplitAccumulator({ low: -9, high: 9 });
        const cut = at % (rows.length + 1);
        parts.add(stages(0, cut));
        parts.add(stages(cut));
        const [a, b] = [whole.result(), parts.result()];
        for (const key of Object.keys(a) as (keyof ErrorSplit)[]) expect(b[key]).toBeCloseTo(a[key], 6);
        expect(a.clipping + a.rounding + a.weights + a.propagated + a.cross).toBeCloseTo(a.total, 6);
        const direct = rows.reduce((sum, [x, , , y]) => sum + (y - x) ** 2, 0) / Math.max(1, rows.length);
        expect(a.total).toBeCloseTo(direct, 6);
      }),
    );
  });

  it('leaves out what is not finite, and has no shares where there is no error', () => {
    const split = new SplitAccumulator();
    const row = [1, NaN, Infinity, 2];
    split.add({ float: row, carried: row, unrounded: row, rounded: row });
    expect(split.result()).toMatchObject({ count: 2, total: 0, signal: 2.5 });
    expect(partShares(split.result())).toEqual({ clipping: 0, rounding: 0, weights: 0, propagated: 0 });
  });
});
