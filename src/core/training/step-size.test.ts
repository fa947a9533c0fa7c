import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../data/random';
import { chooseQuantParams } from '../numerics/affine';
import { binaryCrossEntropy, crossEntropy, distillation, meanSquaredError, type LossValue } from './losses';
import { OPTIMIZERS } from './optimizers';
import { activationGradients, gradientScale, roundWeights, weightGradients } from './step-size';

describe('learned step sizes', () => {
  it('have the slopes of the LSQ paper: 4 bits, s = 0.1', () => {
    // Oracle: −.34, −8, +7 at v = .234, −1, 1 on the grid −8..7.
    const slope = (v: number) => {
      const u = v / 0.1;
      const sums = {
        rounding: u < -8 || u > 7 ? 0 : Math.round(u) - u,
        below: Number(u < -8),
        above: Number(u > 7),
      };
      return activationGradients(sums, { zeroPoint: 0, qmin: -8, qmax: 7 }).scale;
    };
    expect(slope(0.234)).toBeCloseTo(-0.34, 10);
    expect([slope(-1), slope(1)]).toEqual([-8, 7]);
  });

  it('are the same by channel, and stop gradients beyond the grid', () => {
    const values = Float32Array.of(0.234, 1, -1, 0.234);
    const gradient = Float32Array.of(1, 1, 1, 2);
    const scaleGradient = new Float32Array(2);
    weightGradients(values, gradient, { scale: Float32Array.of(0.1, 0.1), inner: 2, bound: 7 }, scaleGradient);
    expect(scaleGradient[0]).toBeCloseTo(-0.34 + 7, 5);
    expect(scaleGradient[1]).toBeCloseTo(-7 - 0.68, 5);
    expect([...gradient]).toEqual([1, 0, 0, 2]);
  });

  it('scale gradients by 1 / √(N · Q)', () => {
    expect(gradientScale(100, 7)).toBeCloseTo(1 / Math.sqrt(700), 12);
  });

  it('round to the grid, ties to even, saturating', () => {
    const grid = { scale: Float32Array.of(0.5), inner: 5, bound: 3 };
    expect([...roundWeights(Float32Array.of(0.25, 0.75, -0.75, 9, -9), grid)]).toEqual([0, 1, -1, 1.5, -1.5]);
  });

  it('come back from the range that stands for them', () => {
    const scales = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(
        scales,
        fc.integer({ min: 2, max: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (raw, bits, at) => {
          const [scale, qmin, qmax] = [Math.fround(raw), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
          const zeroPoint = Math.round(qmin + at * (qmax - qmin));
          const range = { min: scale * (qmin - zeroPoint), max: scale * (qmax - zeroPoint) };
          const again = chooseQuantParams(range, { kind: 'int', bits, symmetric: false, narrow: false });
          expect(again).toEqual({ scale, zeroPoint });
        },
      ),
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
