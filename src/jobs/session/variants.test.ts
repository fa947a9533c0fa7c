/** Algorithms on real models, through the jobs that a person starts. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { liveTensors, TestSession } from '../../testing/builders/session';

const withAlgorithms = (settings: QuantSettings, ...ids: string[]): QuantSettings => ({
  ...settings,
  algorithms: ids.map((id) => ({ id, params: {} })),
});
const PER_TENSOR: QuantSettings = {
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, granularity: 'tensor' },
};

describe('the rescaled twin of the digits', () => {
  const studio = new TestSession();
  const samples = join(import.meta.dirname, '../../../public/samples');
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(join(samples, 'digits-rescaled/model/model.json')) });
    const files = sourceFiles(join(samples, 'digits/digits.npz'));
    await studio.run('openData', { files, seed: 42, calibrationSamples: 300, evaluationSamples: 1000 });
    await studio.run('calibrate', {});
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  it('collapses with one scale a tensor; equalization alone, without data, brings it back', async () => {
    const { result: collapsed } = await studio.run('evaluate', { settings: PER_TENSOR });
    expect(collapsed.float.value - collapsed.quantized.value).toBeGreaterThan(0.3);
    const settings = withAlgorithms(PER_TENSOR, 'cle');
    const { result: equalized } = await studio.run('evaluate', { settings });
    expect(equalized.float.value).toBe(collapsed.float.value);
    expect(equalized.float.value - equalized.quantized.value).toBeLessThanOrEqual(0.01);
    const { result: exported } = await studio.run('exportFile', { settings });
    const { result: verified } = await studio.run('verify', { file: exported.bytes, samples: 300, compareSamples: 4 });
    expect(verified.runtime.mismatches).toBe(0);
    expect(verified.float.value - verified.file.value).toBeLessThanOrEqual(0.015);
  });
});

describe.skipIf(!haveFixtures)('algorithms on ResNet8', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.h5')) }); // prettier-ignore
    const files = sourceFiles(fixturePath('datasets/cifar10_jpg/test'));
    await studio.run('openData', { files, seed: 42, calibrationSamples: 128, evaluationSamples: 128 });
    await studio.run('calibrate', {});
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  const on = (...ids: string[]) => withAlgorithms(DEFAULT_SETTINGS, ...ids);
  const reportsOf = async (settings: QuantSettings) =>
    (await studio.run('applyAlgorithms', { settings })).result.reports;

  it('corrects biases: the mean output is back, exactly or as far as a normal input would have it', async () => {
    const [empirical] = await reportsOf(on('bias-correction'));
    expect(empirical.layers).toHaveLength(10);
    for (const { before, after } of empirical.layers) expect(after).toBeLessThan(1e-4 * before);
    const [analytic] = await reportsOf(on('bias-correction-analytic'));
    for (const { before, after } of analytic.layers) expect(after).toBeLessThan(before);
    const [batchNorm] = await reportsOf(on('batch-norm'));
    for (const { before, after } of batchNorm.layers) expect(after).toBeLessThan(1e-4 * before);
  });

  it('rounds so that every layer’s output is nearer, and exports those very codes', async () => {
    const settings: QuantSettings = {
      ...DEFAULT_SETTINGS,
      algorithms: [
        { id: 'bias-correction', params: {} },
        { id: 'adaround', params: { iterations: 100 } },
      ],
    };
    const { result, partials, stages } = await studio.run('applyAlgorithms', { settings });
    expect(stages).toEqual(['Learning to round (AdaRound)', 'Calibrating the changed model']);
    expect(result.reports.map(({ algorithm }) => algorithm)).toEqual(['adaround', 'bias-correction']);
    expect(partials).toHaveLength(20);
    const [rounding] = result.reports;
    expect(rounding.layers).toHaveLength(10);
    for (const { before, after, curve } of rounding.layers) {
      expect(after).toBeGreaterThan(before);
      expect(curve!.length).toBeGreaterThan(40);
    }
    const { result: plan } = await studio.run('plan', { settings });
    expect(Object.values(plan.weights).map(({ origin }) => origin)).toEqual(Array(10).fill('learnt'));
    const { result: exported } = await studio.run('exportFile', { settings });
    const { result: verified } = await studio.run('verify', { file: exported.bytes, samples: 64, compareSamples: 4 });
    expect(verified.runtime.mismatches).toBe(0);
  }, 120_000);

  it('is kept: the same settings cost nothing, and give the same file after all was forgotten', async () => {
    const settings = on('gptq');
    const { bytes } = (await studio.run('exportFile', { settings })).result;
    expect((await studio.run('applyAlgorithms', { settings })).stages).toEqual([]);
    studio.session.variants.clear();
    expect((await studio.run('exportFile', { settings })).result.bytes).toEqual(bytes);
    // Roundings do not depend on ranges of activations.
    const input = studio.session.model.graph.inputs[0];
    const dragged = { ...settings, tensors: { [input]: { range: { min: 0, max: 200 } } } };
    expect((await studio.run('plan', { settings: dragged })).stages).toEqual([]);
  }, 120_000);

  it('leaves the original as it is', async () => {
    const file = async (settings: QuantSettings) => (await studio.run('exportFile', { settings })).result.bytes;
    const before = await file(DEFAULT_SETTINGS);
    expect(await file(on('cle', 'batch-norm'))).not.toEqual(before);
    expect(await file(DEFAULT_SETTINGS)).toEqual(before);
  });

  it('stops when cancelled, and starts anew', async () => {
    const settings = { ...DEFAULT_SETTINGS, algorithms: [{ id: 'adaround', params: { iterations: 5000 } }] };
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const cancelled = studio.run('plan', { settings }, { signal: controller.signal, onProgress });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect((await studio.run('plan', { settings: on('bias-correction') })).result.weights).not.toEqual({});
  });

  it('measures layers one by one on what was learnt, and refuses what is not in the table', async () => {
    const { result } = await studio.run('sensitivity', { settings: on('gptq'), samples: 16 });
    expect(result.every(({ sqnrDb }) => sqnrDb > 10)).toBe(true);
    await expect(studio.run('plan', { settings: on('alchemy') })).rejects.toMatchObject({ code: 'invalid-settings' });
  });
});
