/** Training of models that nobody here made: it learns, or it says by name what it cannot do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { DEFAULT_QAT, type QatSettings } from '../../core/training/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { liveTensors, TestSession } from '../../testing/builders/session';

const ESTIMATOR = { id: 'mse', params: {} };
const inFormat = (format: string): QuantSettings => ({
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, estimator: ESTIMATOR, format },
  activations: { estimator: ESTIMATOR, format },
});
const SHORT: QatSettings = { ...DEFAULT_QAT, epochs: 1 };

describe.skipIf(!haveFixtures)('training real models', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  async function open(model: string): Promise<void> {
    await studio.run('openModel', { files: modelFiles(fixturePath(model)) });
  }
  async function onNoise(samples: number): Promise<void> {
    await studio.run('randomData', { seed: 1, calibrationSamples: samples, evaluationSamples: 32 });
    await studio.run('calibrate', {});
  }

  it.each(['h5', 'tflite'])(
    'ResNet8 from .%s in four bits: three short epochs win back a part',
    async (format) => {
      await open(`mlperf_tiny/ic/trained_models/pretrainedResnet.${format}`);
      const files = sourceFiles(fixturePath('datasets/cifar10_jpg/train'));
      await studio.run('openData', { files, seed: 42, calibrationSamples: 50, evaluationSamples: 100 });
      await studio.run('calibrate', {});
      const settings = inFormat('int4');
      const training: QatSettings = { ...SHORT, epochs: 3, samples: 320, batchSize: 16, batchNorm: 'batch' };
      const { result } = await studio.run('qat', { settings, training });
      const { result: ptq } = await studio.run('evaluate', { settings });
      const { result: trained } = await studio.run('evaluate', { settings: result.settings });
      const drop = ptq.float.value - ptq.quantized.value;
      expect(drop).toBeGreaterThan(0.2);
      expect((trained.quantized.value - ptq.quantized.value) / drop).toBeGreaterThan(0.3);
      // A .tflite has its batch norm folded already, and that is said.
      expect(result.notes.some((note) => note.includes('has no effect'))).toBe(format === 'tflite');
    },
    120_000,
  );

  it('a GRU, unrolled, learns from its float self', async () => {
    await open('keras/keras3/emg_gru.keras');
    await onNoise(500);
    const { result } = await studio.run('qat', { settings: inFormat('int4'), training: { ...SHORT, epochs: 4 } });
    expect(result.objective).toBe('distillation, temperature 4');
    const [untrained, ...epochs] = result.history.map(({ validationLoss }) => validationLoss);
    expect(Math.min(...epochs)).toBeLessThan(0.75 * untrained);
  });

  it('an autoencoder learns to give back what the float model does', async () => {
    await open('mlperf_tiny/ad/trained_models/ad01.h5');
    await onNoise(96);
    const { result } = await studio.run('qat', { settings: inFormat('int4'), training: { ...SHORT, samples: 256 } });
    expect(result.objective).toBe("squared error against the float model's output");
    expect(result.history[1].validationLoss).toBeLessThan(0.7 * result.history[0].validationLoss);

    const itself = { ...SHORT, samples: 256, teacher: 'input' } as const;
    const { result: rebuilt } = await studio.run('qat', { settings: inFormat('int4'), training: itself });
    expect(rebuilt.objective).toBe('squared error against the input');
    expect(rebuilt.history[1].trainLoss).toBeLessThan(rebuilt.history[0].validationLoss);
  });

  it('an LSTM learns through its operator', async () => {
    await open('tflite/tflm/trained_lstm.tflite');
    await onNoise(300);
    const { result } = await studio.run('qat', { settings: inFormat('int4'), training: { ...SHORT, epochs: 6 } });
    // Noise has nothing that other noise could gain by: what is learnt shows in what it was learnt from.
    const losses = result.history.map(({ trainLoss }) => trainLoss!);
    expect(losses.at(-1)!).toBeLessThan(0.75 * losses[1]);
  });
});
