import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { chooseQuantParams } from '../numerics/affine';
import { codeRange, extentOf, type IntFormat, type NumberFormat } from '../number-formats/format';
import { flexibleBias } from '../number-formats/flexible';
import { formatOf, FORMATS } from '../number-formats/table';
import { fittedRange } from './checkpoint';
import { binaryCrossEntropy, crossEntropy, distillation, meanSquaredError, type LossValue } from './losses';
import { OPTIMIZERS } from './optimizers';
import { activationGradients, gradientScale, roundWeights, weightGradients } from './step-size';

const INT4: IntFormat = { kind: 'int', bits: 4, symmetric: true, narrow: true };

/** ∂x̂/∂s at one value of a grid with one scale. */
function slope(v: number, scale: number, format: NumberFormat): number {
  const values = Float32Array.of(v);
  const grid = { scale: Float32Array.of(scale), inner: 1, format };
  const scaleGradient = new Float32Array(1);
  weightGradients(values, roundWeights(values, grid), Float32Array.of(1), grid, scaleGradient);
  return scaleGradient[0];
}

describe('learned step sizes', () => {
  it('have the slopes of the LSQ paper: 4 bits, s = 0.1', () => {
    // Oracle: −.34, −8, +7 at v = .234, −1, 1 on the grid −8..7.
    const whole: IntFormat = { ...INT4, narrow: false };
    expect(slope(0.234, 0.1, whole)).toBeCloseTo(-0.34, 5);
    expect([slope(-1, 0.1, whole), slope(1, 0.1, whole)]).toEqual([-8, 7]);
    const extent = { low: -8, high: 7 };
    const moved = { moved: 0.2 - 0.234, below: 0, above: 0 };
    expect(activationGradients(moved, 0.1, extent).scale).toBeCloseTo(-0.34, 10);
    expect(activationGradients({ moved: 0, below: 1, above: 0 }, 0.1, extent)).toEqual({ scale: -8, offset: 1 });
    expect(activationGradients({ moved: 0, below: 0, above: 1 }, 0.1, extent)).toEqual({ scale: 7, offset: 1 });
  });

  it('are the same by channel, and stop gradients beyond the grid', () => {
    const values = Float32Array.of(0.234, 1, -1, 0.234);
    const gradient = Float32Array.of(1, 1, 1, 2);
    const scaleGradient = new Float32Array(2);
    const grid = { scale: Float32Array.of(0.1, 0.1), inner: 2, format: INT4 };
    weightGradients(values, roundWeights(values, grid), gradient, grid, scaleGradient);
    expect(scaleGradient[0]).toBeCloseTo(-0.34 + 7, 5);
    expect(scaleGradient[1]).toBeCloseTo(-7 - 0.68, 5);
    expect([...gradient]).toEqual([1, 0, 0, 2]);
  });

  const scaled = FORMATS.map(({ id, weights }) => [id, weights] as const).filter(
    (row): row is readonly [string, NumberFormat] =>
      row[1].kind === 'int' || (row[1].kind === 'float' && row[1].scaled),
  );
  it.each(scaled)(
    '%s: the slope of the rounding itself, less what the straight-through estimator adds',
    (_, format) => {
      // Between jumps x̂ = s·Q(v/s) has the slope Q(v/s) in s, by finite differences; the estimator takes Q′ = 1 for 0, so −v/s.
      const { high } = extentOf(format);
      const random = new Random(7);
      let compared = 0;
      for (let i = 0; i < 200; i++) {
        const [v, s] = [random.uniform(-1, 1), 1 / (high * random.uniform(0.7, 2))];
        const at = (scale: number) =>
          roundWeights(Float32Array.of(v), { scale: Float32Array.of(scale), inner: 1, format })[0];
        const step = s * 2 ** -9;
        const [below, here, above] = [at(s - step), at(s), at(s + step)];
        const isSmooth = Math.abs(above - 2 * here + below) < 1e-3 * Math.abs(above - below);
        if (!isSmooth && above !== below) continue;
        compared++;
        const difference = (above - below) / (Math.fround(s + step) - Math.fround(s - step));
        const clipped = Math.abs(v / s) > high;
        expect(slope(v, s, format) / high).toBeCloseTo((difference - (clipped ? 0 : v / s)) / high, 2);
      }
      expect(compared).toBeGreaterThan(50);
    },
  );

  it('of a flexible bias: those of its largest value, by the formulas of its authors', () => {
    const format = formatOf('flex-e4m3')!.weights as NumberFormat;
    const random = new Random(5);
    for (let i = 0; i < 300; i++) {
      const [v, maxval] = [random.uniform(-3, 3), random.uniform(0.5, 2)];
      const clipped = Math.min(Math.max(v, -maxval), maxval);
      const bias = flexibleBias(4, 3, maxval);
      const exponent = Math.max(1, Math.floor(Math.log2(Math.abs(clipped)) + bias));
      const step = 2 ** (exponent - 3 - bias);
      const rounded = step * Math.round(clipped / step);
      // x̂ = s·round(x_c / s), log2 s = const − b(maxval), floor's slope 0, round's 1.
      const expected = clipped === v ? (rounded - v) / maxval : Math.sign(v);
      expect(slope(v, maxval / extentOf(format).high, format) / extentOf(format).high).toBeCloseTo(expected, 4);
    }
  });

  it('scale gradients by 1 / √(N · Q)', () => {
    expect(gradientScale(100, INT4)).toBeCloseTo(1 / Math.sqrt(700), 12);
    expect(gradientScale(100, { kind: 'int', bits: 4, symmetric: false, narrow: false })).toBeCloseTo(
      1 / Math.sqrt(1500),
      12,
    );
  });

  it('round to the grid, ties to even, saturating', () => {
    const format: IntFormat = { ...INT4, bits: 3 };
    const grid = { scale: Float32Array.of(0.5), inner: 5, format };
    const rounded = roundWeights(Float32Array.of(0.25, 0.75, -0.75, 9, -9), grid);
    expect([...rounded].map((v) => v + 0)).toEqual([0, 1, -1, 1.5, -1.5]);
  });

  const scales = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  it('come back from the range that stands for them: integers', () => {
    fc.assert(
      fc.property(scales, fc.integer({ min: 2, max: 16 }), share, fc.boolean(), (raw, bits, at, symmetric) => {
        const format: IntFormat = { kind: 'int', bits, symmetric, narrow: false };
        const { qmin, qmax } = codeRange(format);
        const zeroPoint = symmetric ? 0 : Math.round(qmin + at * (qmax - qmin));
        const grid = { scale: Math.fround(raw), zeroPoint };
        expect(chooseQuantParams(fittedRange(grid, format), format)).toEqual(grid);
      }),
    );
  });

  it.each(scaled)('come back from the range that stands for them: %s', (_, format) => {
    fc.assert(
      fc.property(scales, (raw) => {
        const grid = { scale: Math.fround(raw), zeroPoint: 0 };
        expect(chooseQuantParams(fittedRange(grid, format), format)).toEqual(grid);
      }),
    );
  });
});

describe('losses', () => {
  const random = new Random(3);
  const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform(-2, 2));
  const [labels, targets] = [[2, 0, 1], draw(12)];
  const LOSSES: Record<string, (z: Float32Array) => LossValue> = {
    crossEntropy: (z) => crossEntropy(z, labels, 1.5),
    meanSquaredError: (z) => meanSquaredError(z, targets),
    distillation: (z) => distillation(z, targets, 3, 2),
    binaryCrossEntropy: (z) =>
      binaryCrossEntropy(
        z,
        Array.from(z, (_, i) => i % 2),
      ),
  };
  it.each(Object.entries(LOSSES))('%s: gradient as finite differences', (_name, loss) => {
    const z = draw(12);
    const { gradient } = loss(z);
    for (let i = 0; i < z.length; i++) {
      const here = z[i];
      const step = 2 ** -8;
      z[i] = here + step;
      const above = loss(z).loss;
      z[i] = here - step;
      const difference = (above - loss(z).loss) / (2 * step);
      z[i] = here;
      expect(gradient[i]).toBeCloseTo(difference, 4);
    }
  });

  it('have known values', () => {
    expect(crossEntropy(new Float32Array(4), [1]).loss).toBeCloseTo(Math.log(4), 12);
    expect(binaryCrossEntropy(new Float32Array(1), [1]).loss).toBeCloseTo(Math.log(2), 12);
    expect(distillation(Float32Array.of(1, 2), Float32Array.of(1, 2), 1, 2).loss).toBeCloseTo(0, 12);
  });
});

describe('optimizers', () => {
  it.each(Object.entries(OPTIMIZERS))('%s finds the minimum of a square', (_name, make) => {
    const parameter = { values: Float32Array.of(3, -2), gradient: new Float32Array(2) };
    const optimizer = make();
    for (let i = 0; i < 600; i++) {
      parameter.values.forEach((x, k) => (parameter.gradient[k] = 2 * (x - 1)));
      optimizer.step([parameter], 0.02, 0);
    }
    parameter.values.forEach((x) => expect(x).toBeCloseTo(1, 2));
  });
});
