import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { liveTensors, TestSession } from '../../testing/builders/session';

const IC = 'mlperf_tiny/ic/trained_models/pretrainedResnet';
const CIFAR = 'datasets/cifar10_jpg/test';
const SPLIT = { seed: 42, calibrationSamples: 64, evaluationSamples: 128 };

describe.skipIf(!haveFixtures)('ResNet8 on CIFAR-10 JPEGs, from file to verified file', () => {
  const studio = new TestSession();
  let before = 0;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(fixturePath(`${IC}.tflite`)) });
    await studio.run('openData', { files: sourceFiles(fixturePath(CIFAR)), ...SPLIT });
  });

  afterAll(() => expect(studio.close(before)).toBe(0));

  it('finds out that the model wants raw pixels', () => {
    const { view, split } = studio.session.data;
    expect(view.preprocessing.some(({ kind }) => kind === 'scale' || kind === 'normalize')).toBe(false);
    expect(view.inWords).toContain('raw 0 … 255');
    const calibration = new Set(split.calibration);
    expect([...split.evaluation].filter((index) => calibration.has(index))).toEqual([]);
  });

  it('calibrates in named stages and counts what went in', async () => {
    const { result, stages, progress } = await studio.run('calibrate', {});
    expect(stages).toEqual(['Starting the engine', 'Calibrating', 'Choosing how ranges are found']);
    expect(result.samples).toBe(SPLIT.calibrationSamples);
    expect(progress.at(-1)!.fraction).toBeCloseTo(1, 6);
    const [input] = studio.session.model.graph.inputs;
    const stats = result.activations[input];
    expect(stats.count).toBe(64 * 32 * 32 * 3);
    expect(stats.histogram.counts.reduce((a, b) => a + b, 0)).toBe(stats.count);
  });

  it('keeps what it has when it is cancelled', async () => {
    const controller = new AbortController();
    const cancelled = studio.run(
      'calibrate',
      { batchSize: 1 }, // many steps: progress is reported every 50 ms at most
      { signal: controller.signal, onProgress: ({ fraction }) => fraction > 0.4 && controller.abort() },
    );
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    const { samples } = studio.session.calibration;
    expect(samples).toBeGreaterThan(0);
    expect(samples).toBeLessThan(64);
    await studio.run('calibrate', {});
  });

  it('quantizes within half a point of float, and the file does what the simulation said', async () => {
    const settings = DEFAULT_SETTINGS;
    const { result: exported } = await studio.run('exportFile', { settings });
    expect(exported.bytes.byteLength).toBeLessThanOrEqual(100_000);
    const { result: evaluation, partials } = await studio.run('evaluate', { settings });
    expect(evaluation.float.metric).toBe('top1');
    expect(Math.abs(evaluation.float.value - evaluation.quantized.value)).toBeLessThan(0.05);
    expect(evaluation.layers.every(({ sqnrDb }) => sqnrDb > 15)).toBe(true);
    expect(partials.length).toBeGreaterThanOrEqual(0);
    const { result: verified } = await studio.run('verify', { file: exported.bytes, compareSamples: 4 });
    expect(verified.runtime.mismatches).toBe(0);
    expect(verified.runtime.elements).toBeGreaterThan(4 * 100_000);
    expect(verified.float.value).toBe(evaluation.float.value);
    expect(Math.abs(verified.file.value - evaluation.quantized.value)).toBeLessThanOrEqual(2 / 128);
    const { result: probed } = await studio.run('probe', { settings, samples: 128 });
    expect(probed).toEqual(verified.file);
  });

  it('measures each layer alone', async () => {
    const { result, partials } = await studio.run('sensitivity', { settings: DEFAULT_SETTINGS, samples: 32 });
    expect(partials.length).toBe(result.length);
    const weighted = studio.session.model.view.layers.filter(({ rule }) => rule === 'weighted');
    for (const { id } of weighted) expect(result.some(({ op }) => op === id)).toBe(true);
    expect(result.every(({ sqnrDb }) => sqnrDb > 10)).toBe(true);
  });
});
