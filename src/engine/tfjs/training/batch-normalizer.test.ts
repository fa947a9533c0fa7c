import { memory, tensor, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { initBackend } from '../backend';
import { nodeHost } from '../node-host';
import { Readback } from '../readback';
import { BatchNormalizer } from './batch-normalizer';

const [ROWS, CHANNELS] = [60, 9];

/** Batch normalization by definition, in float64: each column of y by its own mean and deviation. */
function normalized(y: ArrayLike<number>, gain: ArrayLike<number>, shift: ArrayLike<number>, epsilon: number) {
  const z = new Float64Array(ROWS * CHANNELS);
  for (let c = 0; c < CHANNELS; c++) {
    const column = Array.from({ length: ROWS }, (_, r) => y[r * CHANNELS + c]);
    const mean = column.reduce((sum, v) => sum + v, 0) / ROWS;
    const variance = column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / ROWS;
    column.forEach((v, r) => (z[r * CHANNELS + c] = (gain[c] * (v - mean)) / Math.sqrt(variance + epsilon) + shift[c]));
  }
  return z;
}

describe.each(['wasm', 'cpu'] as const)('batch norm put back, on %s', (backend) => {
  const random = new Random(4);
  const draw = (count: number, low = -1, high = 1) =>
    Float32Array.from({ length: count }, () => random.uniform(low, high));
  const offsets = draw(CHANNELS, -3, 3);
  const batch = () => draw(ROWS * CHANNELS).map((v, i) => v * (1 + (i % CHANNELS)) + offsets[i % CHANNELS]);

  beforeAll(async () => {
    await initBackend(nodeHost(), backend);
  });

  async function forward(normalizer: BatchNormalizer, values: Float32Array, readback: Readback) {
    const { z, saved } = normalizer.forward(tensor(values, [ROWS, CHANNELS]), 'none', readback);
    await readback.flush();
    const outputs = z.dataSync<'float32'>().slice();
    z.dispose();
    return { outputs, saved };
  }

  async function estimated(): Promise<BatchNormalizer> {
    const bias = draw(CHANNELS);
    const normalizer = new BatchNormalizer({ values: bias.slice(), gradient: new Float32Array(CHANNELS) });
    const readback = new Readback();
    normalizer.startEstimation();
    for (let i = 0; i < 4; i++) {
      const values = batch();
      const { outputs, saved } = await forward(normalizer, values, readback);
      for (const inner of Object.values(saved)) inner.dispose();
      outputs.forEach((z, k) => expect(z).toBeCloseTo(values[k] + bias[k % CHANNELS], 5)); // as it was
    }
    normalizer.endEstimation();
    normalizer.factor.forEach((k) => expect(k).toBeCloseTo(1, 6));
    normalizer.foldedBias.forEach((b, c) => expect(b).toBeCloseTo(bias[c], 5));
    return normalizer;
  }

  it('takes over without changing anything, then normalizes as defined; gradients as finite differences', async () => {
    const before = memory().numTensors;
    const normalizer = await estimated();
    const readback = new Readback();
    const [y, weights] = [batch(), draw(ROWS * CHANNELS)];
    const [gain, shift] = [normalizer.gain, normalizer.shift].map(({ values }) => Float64Array.from(values));
    const epsilon = 1e-5 * gain.reduce((largest, g) => Math.max(largest, g * g), 0);
    const loss = (values: ArrayLike<number>, g = gain, b = shift) =>
      normalized(values, g, b, epsilon).reduce((sum, z, i) => sum + z * weights[i], 0);

    const { outputs, saved } = await forward(normalizer, y, readback);
    normalized(y, gain, shift, epsilon).forEach((z, i) => expect(outputs[i]).toBeCloseTo(z, 4));
    const dy = tidy(() => normalizer.backward(tensor(weights, [ROWS, CHANNELS]), saved, readback));
    await readback.flush();
    const gradient = dy.dataSync<'float32'>();

    const slope = (change: (by: number) => number) => (change(1e-4) - change(-1e-4)) / 2e-4;
    const moved = (values: Float64Array, at: number, by: number) => values.with(at, values[at] + by);
    for (let i = 0; i < 40; i++) {
      const at = random.integer(y.length);
      expect(gradient[at]).toBeCloseTo(
        slope((by) => loss(moved(Float64Array.from(y), at, by))),
        3,
      );
    }
    for (let c = 0; c < CHANNELS; c++) {
      expect(normalizer.gain.gradient[c]).toBeCloseTo(
        slope((by) => loss(y, moved(gain, c, by))),
        2,
      );
      expect(normalizer.shift.gradient[c]).toBeCloseTo(
        slope((by) => loss(y, gain, moved(shift, c, by))),
        2,
      );
    }
    dy.dispose();
    for (const inner of Object.values(saved)) inner.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('folded it is a factor and a bias, of the running statistics', async () => {
    const normalizer = await estimated();
    const readback = new Readback();
    const y = batch();
    // The running statistics come to those of a batch that is seen again and again.
    for (let i = 0; i < 200; i++)
      for (const inner of Object.values((await forward(normalizer, y, readback)).saved)) inner.dispose();
    const { outputs, saved } = await forward(normalizer, y, readback);
    for (const inner of Object.values(saved)) inner.dispose();
    const { factor, foldedBias } = normalizer;
    outputs.forEach((z, i) => {
      const c = i % CHANNELS;
      expect(factor[c] * y[i] + foldedBias[c]).toBeCloseTo(z, 3);
    });
  });
});
