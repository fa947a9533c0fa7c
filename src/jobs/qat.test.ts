import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceFiles } from '../cli/files';
import { DEFAULT_SETTINGS, type QuantSettings } from '../core/quantize/settings';
import { DEFAULT_QAT } from '../core/training/settings';
import { liveTensors, TestSession } from '../testing/session';

const DIGITS = resolve(import.meta.dirname, '../../public/samples/digits');
const W4A4: QuantSettings = {
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, estimator: { id: 'mse', params: {} }, format: 'int4' },
  activations: { estimator: { id: 'mse', params: {} }, format: 'int4' },
};
/** A convolution of the model. */
const LAYER = 'block1_pointwise_relu';
const SHORT = { ...DEFAULT_QAT, epochs: 2, samples: 600 };

describe('training the bundled digits', () => {
  const studio = new TestSession();
  let before = 0;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: sourceFiles(resolve(DIGITS, 'digits.tflite')) });
    const split = { seed: 42, calibrationSamples: 100, evaluationSamples: 200 };
    await studio.run('openData', { files: sourceFiles(resolve(DIGITS, 'digits.npz')), ...split });
    await studio.run('calibrate', {});
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  it('wins back what four bits lost; every job works on what was trained', async () => {
    const { result: ptq } = await studio.run('evaluate', { settings: W4A4 });
    const { result, partials } = await studio.run('qat', { settings: W4A4, training: SHORT });
    const { result: qat } = await studio.run('evaluate', { settings: result.settings });
    expect(ptq.float.value - ptq.quantized.value).toBeGreaterThan(0.1);
    expect(qat.quantized.value).toBeGreaterThan(ptq.quantized.value + 0.05);
    expect(partials.at(-1)!.history.length).toBe(3);
    const { result: weights } = await studio.run('inspectWeights', { op: LAYER, settings: result.settings });
    const { values } = result.checkpoint.weights[weights.tensor]!;
    expect(weights.stats.tensor).toMatchObject({
      count: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
    });

    // Before the first step it is the quantized model itself, each layer alone as well.
    const untrained = partials[0]!.best!;
    expect(untrained.checkpoint.epoch).toBe(0);
    await studio.run('restoreTraining', untrained);
    const { result: same } = await studio.run('evaluate', { settings: untrained.settings });
    expect(same.quantized.value).toBeCloseTo(ptq.quantized.value, 2);
    const alone = async (settings: QuantSettings) =>
      (await studio.run('sensitivity', { settings, samples: 100 })).result.map(({ sqnrDb }) => sqnrDb);
    const [plain, restored, trained] = [
      await alone(W4A4),
      await alone(untrained.settings),
      await alone(result.settings),
    ];
    restored.forEach((sqnrDb, i) => expect(sqnrDb).toBeCloseTo(plain[i]!, 0));
    expect(trained).not.toEqual(plain);
    expect(Math.min(...trained)).toBeGreaterThan(0);

    const again = await studio.run('qat', { settings: W4A4, training: SHORT });
    expect(again.result.id).toBe(result.id);
    expect(again.result.checkpoint).toEqual(result.checkpoint);
  });

  it('keeps the best where it is cancelled', async () => {
    const controller = new AbortController();
    const known = studio.session.trainings.size;
    const cancelled = studio.run(
      'qat',
      { settings: W4A4, training: { ...SHORT, epochs: 50, seed: 7 } },
      {
        signal: controller.signal,
        onProgress: ({ stage }) => stage.startsWith('Training, epoch 2') && controller.abort(),
      },
    );
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(studio.session.trainings.size).toBe(known + 1);
    expect([...studio.session.trainings.values()].at(-1)!.epoch).toBeLessThan(2);
  });

  it('leaves the weights of an equal run alone, which may be in use', async () => {
    const short = { ...SHORT, seed: 3 };
    const { partials } = await studio.run('qat', { settings: W4A4, training: short });
    const first = partials[0]!.best!;
    studio.session.trainings.set(first.id, first.checkpoint);
    const { result } = await studio.run('qat', { settings: W4A4, training: short });
    expect(result.id).not.toBe(first.id);
    expect([...studio.session.trainings.keys()]).toEqual(expect.arrayContaining([first.id, result.id]));
  });

  it('says so where it diverges, and where there is too little to learn from', async () => {
    const { result } = await studio.run('qat', { settings: W4A4, training: { ...SHORT, epochs: 1, samples: 100 } });
    const [[id, weights], ...others] = Object.entries(result.checkpoint.weights);
    const broken = { ...weights, values: weights.values.map(() => NaN) };
    const from = { ...result.checkpoint, weights: { ...Object.fromEntries(others), [id]: broken } };
    const diverged = studio.run('qat', { settings: W4A4, training: SHORT, from });
    await expect(diverged).rejects.toMatchObject({ code: 'diverged' });
    const few = { ...SHORT, samples: 10 };
    await expect(studio.run('qat', { settings: W4A4, training: few })).rejects.toMatchObject({ code: 'invalid-data' });
    const none = { ...SHORT, epochs: 0 };
    const refused = async () => studio.run('qat', { settings: W4A4, training: none });
    await expect(refused()).rejects.toMatchObject({ code: 'invalid-settings' });
  });

  it('refuses formats that are no integers by name', async () => {
    const fp8 = { ...W4A4, activations: { ...W4A4.activations, format: 'fp8-e4m3fn' } };
    await expect(studio.run('qat', { settings: fp8, training: SHORT })).rejects.toMatchObject({
      code: 'unsupported-feature',
    });
  });

  it('int8: the file computes what was trained', async () => {
    const training = { ...SHORT, epochs: 1, samples: 300, learningRate: 1e-4, rangeLearningRate: 1e-4 };
    const { result } = await studio.run('qat', { settings: DEFAULT_SETTINGS, training });
    const { result: simulated } = await studio.run('evaluate', { settings: result.settings });
    const { result: file } = await studio.run('exportFile', { settings: result.settings });
    const spec = { file: file.bytes, compareSamples: 2, settings: result.settings };
    const { result: verified } = await studio.run('verify', spec);
    expect(verified.runtime.mismatches).toBe(0);
    expect(verified.simulation).toMatchObject({ samples: 200, changed: 0, score: simulated.quantized });
    expect(Math.abs(verified.file.value - simulated.quantized.value)).toBeLessThanOrEqual(1 / 200);
  });
});
