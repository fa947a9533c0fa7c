import { memory, reshape, tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { formatOf } from '../../../core/number-formats/table';
import { initBackend } from '../backend';
import { fakeQuantized } from '../fake-quant/activation';
import type { ActivationRounding } from '../fake-quant/rounding';
import { nodeHost } from '../node-host';
import { activationGradient, extrema, roundingGradient } from './rounding';

const COUNT = 1037;
const INTERVALS = { none: [-Infinity, Infinity], relu: [0, Infinity], relu6: [0, 6], reluN1To1: [-1, 1] } as const;

const GRIDS: Record<string, { rounding: ActivationRounding; low: number; high: number }> = {
  int4: { rounding: { scale: 0.5, zeroPoint: -8, qmin: -8, qmax: 7 }, low: 0, high: 7.5 },
  int8: { rounding: { scale: 0.0625, zeroPoint: 3, qmin: -128, qmax: 127 }, low: -8.1875, high: 7.75 },
  fp8: { rounding: { format: formatOf('fp8-e4m3fn')!.activations, scale: 0.015625 }, low: -7, high: 7 },
};

describe.each(['wasm', 'cpu'] as const)('gradients of rounding, on %s', (backend) => {
  const random = new Random(8);
  const draw = (low: number, high: number) => Float32Array.from({ length: COUNT }, () => random.uniform(low, high));

  beforeAll(async () => {
    await initBackend(nodeHost(), backend);
  });

  it.each(
    Object.entries(GRIDS).flatMap(([name, grid]) =>
      (Object.keys(INTERVALS) as (keyof typeof INTERVALS)[]).map((activation) => ({ name, ...grid, activation })),
    ),
  )('$name behind $activation: by definition', ({ rounding, low, high, activation }) => {
    const before = memory().numTensors;
    const [floor, ceil] = INTERVALS[activation];
    const values = draw(-12, 12).map((v) => Math.min(Math.max(v, floor), ceil));
    const dys = draw(-1, 1);
    const value = tensor(values);
    const rounded = fakeQuantized(value, rounding);
    const x = rounded.dataSync<'float32'>().slice();
    const expected = { moved: 0, below: 0, above: 0 };
    const gradients = Array.from(values, (v, i) => {
      if (v < low) expected.below += dys[i];
      else if (v > high) expected.above += dys[i];
      else expected.moved += dys[i] * (x[i] - v);
      return v >= low && v <= high && v > floor && v < ceil ? dys[i] : 0;
    });
    const { dx, sums } = roundingGradient(tensor(dys), { value, rounded, low, high }, activation);
    expect([...dx.dataSync()].map((g) => g + 0)).toEqual(gradients.map((g) => g + 0));
    const [moved, below, above] = sums.dataSync();
    expect(moved).toBeCloseTo(expected.moved, 3);
    expect(below).toBeCloseTo(expected.below, 3);
    expect(above).toBeCloseTo(expected.above, 3);

    const shared = tensor(dys);
    const view = reshape(shared, [COUNT, 1]);
    const through = activationGradient(shared, value, activation);
    const open = Array.from(values, (v, i) => (v > floor && v < ceil ? dys[i] : 0));
    expect([...through.dataSync()].map((g) => g + 0)).toEqual(open.map((g) => g + 0));
    expect([...view.dataSync()]).toEqual([...dys]); // what shares its values is left alone
    for (const each of new Set([value, rounded, dx, sums, view, through])) each.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('finds extrema', () => {
    const values = draw(-3, 5);
    const x = tensor(values);
    const found = extrema(x);
    expect([...found.dataSync()]).toEqual([Math.min(...values), Math.max(...values)]);
    x.dispose();
    found.dispose();
  });
});
