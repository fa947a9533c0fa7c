import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';

describe('the cost of the digits', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    const samples = join(import.meta.dirname, '../../../public/samples');
    await studio.run('openModel', { files: modelFiles(join(samples, 'digits/model/model.json')) });
    const files = sourceFiles(join(samples, 'digits/digits.npz'));
    await studio.run('openData', { files, seed: 42, calibrationSamples: 20, evaluationSamples: 20 });
    await studio.run('calibrate', {});
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  it('is that of the open model, in float, as planned and in FP8', async () => {
    const { view } = studio.session.model;
    const { result } = await studio.run('cost', { settings: DEFAULT_SETTINGS, accumulator: 'fp32' });
    const { float, planned, fp8 } = result;
    expect(float.total).toMatchObject({ parameters: view.parameters, macs: view.macs, bops: view.macs * 32 * 32 });
    expect(float.total.bytes).toBe(4 * view.parameters);
    expect(planned.total.bops).toBe(view.macs * 8 * 8);
    // 45 nm: 0.2 pJ to multiply bytes, 0.1 to add 32 bits; van Baalen: FP8 into FP32 has 2.83 times the gates.
    expect(planned.total.aluPicojoules).toBeCloseTo(0.3 * view.macs, 3);
    expect(fp8.total.aluPicojoules).toBeCloseTo(2.83 * 0.3 * view.macs, 3);
    expect(fp8.arena).toEqual(planned.arena);
    expect(float.arena.lowerBound).toBe(4 * planned.arena.lowerBound);
  });

  it('grows where a layer stays in float', async () => {
    const { layers } = studio.session.model.view;
    const op = layers.find(({ weight }) => weight)!.id;
    const kept = { ...DEFAULT_SETTINGS, layers: { [op]: { keepFloat: true } } };
    const of = async (settings: typeof DEFAULT_SETTINGS) =>
      (await studio.run('cost', { settings, accumulator: 'fp16' })).result.planned.total.bytes;
    expect(await of(kept)).toBeGreaterThan(await of(DEFAULT_SETTINGS));
  });
});
