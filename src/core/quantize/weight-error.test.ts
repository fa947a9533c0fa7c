import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { formatOf } from '../number-formats/table';
import type { WeightPlan } from './plan';
import { weightError } from './weight-error';

function plan(scale: readonly number[], axis: number, format?: WeightPlan['format']): WeightPlan {
  return {
    tensor: 'w',
    op: 'layer',
    ranges: scale.map((s) => ({ min: -127 * s, max: 127 * s })),
    params: {
      scale: Float32Array.from(scale),
      zeroPoint: new Int32Array(scale.length),
      quantizedDimension: axis,
    },
    ...(format && { format }),
    origin: 'estimated',
  };
}

describe('the error of weights', () => {
  it('is told apart by the grid’s ends, channel by channel', () => {
    // Channel 0 at scale 1: 0.25 rounds to 0. Channel 1 at scale 0.5 ends at 63.5: 64 is 0.5 outside, 65.5 is 2 outside.
    const weights = Float32Array.of(0.25, 3, 64, 65.5);
    const { signal, rounding, clipping } = weightError(weights, weights, [2, 2], plan([1, 0.5], 0));
    expect(signal).toBe((0.0625 + 9 + 64 ** 2 + 65.5 ** 2) / 4);
    expect(rounding).toBe(0.0625 / 4);
    expect(clipping).toBe((0.25 + 4) / 4);
  });

  it('knows a channel that lies apart, as in depthwise filters', () => {
    const weights = Float32Array.of(0.25, 100, 0.25, 200); // [1, 2, 1, 2], axis 3
    const { rounding, clipping } = weightError(weights, weights, [1, 2, 1, 2], plan([1, 1], 3));
    expect([rounding, clipping]).toEqual([(2 * 0.0625) / 4, 73 ** 2 / 4]);
  });

  it('counts from the float weights where an algorithm chose other codes', () => {
    const { rounding } = weightError(Float32Array.of(0.4), Float32Array.of(1), [1, 1], plan([1], 0));
    expect(rounding).toBeCloseTo(0.36, 6);
  });

  it('of a ramp over the grid is Δ²/12; blocks only round', () => {
    const ramp = Float32Array.from({ length: 65_536 }, (_, i) => -127 + (254 * i) / 65_535);
    expect(weightError(ramp, ramp, [1, ramp.length], plan([1], 0)).rounding).toBeCloseTo(1 / 12, 3);
    // Oracles §3: MX E4M3 of normal values, 30.64 dB.
    const random = new Random(5);
    const normal = Float32Array.from({ length: 160_000 }, () => random.gaussian());
    const blocks = weightError(normal, normal, [1, normal.length], plan([1], 0, formatOf('mxfp8-e4m3')!.weights));
    expect(blocks.clipping).toBe(0);
    expect(Math.abs(10 * Math.log10(blocks.signal / blocks.rounding) - 30.64)).toBeLessThan(0.05);
  });
});
