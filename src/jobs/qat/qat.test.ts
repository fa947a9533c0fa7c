import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { DEFAULT_QAT, type QatSettings } from '../../core/training/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { qat } from './qat';
import type { QatProgress } from '../contract/qat-protocol';

const DIGITS = resolve(import.meta.dirname, '../../../public/samples/digits');
/** A convolution of the model. */
const LAYER = 'block1_pointwise';
const EVALUATED = 200;

function inFormats(weights: string, activations: string): QuantSettings {
  const estimator = { id: 'mse', params: {} };
  return {
    ...DEFAULT_SETTINGS,
    weights: { ...DEFAULT_SETTINGS.weights, estimator, format: weights },
    activations: { estimator, format: activations },
  };
}

const W4A4 = inFormats('int4', 'int4');
const SHORT: QatSettings = { ...DEFAULT_QAT, epochs: 2, samples: 600 };

describe('training the bundled digits', () => {
  const studio = new TestSession();
  let before = 0;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: sourceFiles(resolve(DIGITS, 'model')) });
    const split = { seed: 42, calibrationSamples: 100, evaluationSamples: EVALUATED };
    await studio.run('openData', { files: sourceFiles(resolve(DIGITS, 'digits.npz')), ...split });
    await studio.run('calibrate', {});
    await studio.session.float();
  });
  let alive = 0;
  beforeEach(() => {
    alive = liveTensors();
  });
  afterEach(() => expect(liveTensors()).toBe(alive));
  afterAll(() => expect(studio.close(before)).toBe(0));

  /** Runs a training that fails, and gives the error's code with what it left. */
  async function failing(training: QatSettings, settings = W4A4) {
    const partials: QatProgress[] = [];
    const known = studio.session.trainings.size;
    const controls = {
      signal: new AbortController().signal,
      onProgress: () => {},
      onPartial: (partial: QatProgress) => void partials.push(partial),
    };
    const thrown: { code?: string } = await Promise.resolve()
      .then(() => qat(studio.session, { settings, training }, controls))
      .then(
        () => ({}),
        (error: { code?: string }) => error,
      );
    return { code: thrown.code, last: partials.at(-1), kept: studio.session.trainings.size - known };
  }

  it('wins back most of what four bits lost; every job works on what was trained', async () => {
    const { result: ptq } = await studio.run('evaluate', { settings: W4A4 });
    const { result, partials } = await studio.run('qat', { settings: W4A4, training: SHORT });
    const { result: after } = await studio.run('evaluate', { settings: result.settings });
    const drop = ptq.float.value - ptq.quantized.value;
    expect(drop).toBeGreaterThan(0.1);
    expect((after.quantized.value - ptq.quantized.value) / drop).toBeGreaterThan(0.6);
    expect(partials.at(-1)!.history.length).toBe(3);
    expect(result.backend).toBe('wasm');
    const { result: weights } = await studio.run('inspectWeights', { op: LAYER, settings: result.settings });
    const { values } = result.checkpoint.weights[weights.tensor];
    const [min, max] = [Math.min(...values), Math.max(...values)];
    expect(weights.stats.tensor).toMatchObject({ count: values.length, min, max });
    const again = await studio.run('qat', { settings: W4A4, training: SHORT });
    expect(again.result.id).toBe(result.id);
    expect(again.result.checkpoint).toEqual(result.checkpoint);
  });

  it('starts where the squared error is least where formats are coarse; what was there before is the first epoch', async () => {
    const minMax: QuantSettings = {
      ...W4A4,
      weights: { ...W4A4.weights, estimator: { id: 'minmax', params: {} } },
      activations: { ...W4A4.activations, estimator: { id: 'minmax', params: {} } },
    };
    const training = { ...SHORT, epochs: 1, samples: 300 };
    const [fitted, plain] = [
      await studio.run('qat', { settings: minMax, training }),
      await studio.run('qat', { settings: minMax, training: { ...training, startRanges: 'settings' } }),
    ].map(({ result: { history } }) => history);
    expect(fitted[0].validationLoss).toBe(plain[0].validationLoss);
    expect(fitted[1].trainLoss).toBeLessThan(0.7 * plain[1].trainLoss!);
  });

  it.each(['batch', 'reestimated'] as const)(
    'batch norm by %s statistics: trains, and evaluates to the same',
    async (batchNorm) => {
      const training: QatSettings = { ...SHORT, batchNorm, freezeBatchNormAfter: 1, teacher: 'labels' };
      const { result } = await studio.run('qat', { settings: W4A4, training });
      expect(result.checkpoint.epoch).toBeGreaterThan(0);
      const { result: ptq } = await studio.run('evaluate', { settings: W4A4 });
      const { result: after } = await studio.run('evaluate', { settings: result.settings });
      expect(after.quantized.value).toBeGreaterThan(ptq.quantized.value + 0.1);
      const said = result.notes.filter((note) => note.includes('Batch norm') || note.includes('batch norm'));
      expect(said).toEqual([]);
    },
  );

  it.each([
    ['fp8-e4m3fn', 'fp8-e4m3fn'],
    ['flex-e3m4', 'int8'],
    ['mxfp4', 'mxfp8-e4m3'],
    ['int3', 'int16'],
  ])('%s weights, %s activations: what validated is what evaluates', async (weights, activations) => {
    const settings = inFormats(weights, activations);
    const { result } = await studio.run('qat', { settings, training: { ...SHORT, epochs: 1, samples: 200 } });
    expect(result.history).toHaveLength(2);
    const { result: trained } = await studio.run('evaluate', { settings: result.settings });
    const { result: ptq } = await studio.run('evaluate', { settings });
    expect(trained.quantized.value).toBeGreaterThan(ptq.quantized.value - 0.02);
  });

  it('learns from the float model where there are no labels', async () => {
    const { source } = studio.session.data;
    const { labels } = source;
    try {
      Object.assign(source, { labels: undefined });
      const { result } = await studio.run('qat', { settings: W4A4, training: { ...SHORT, epochs: 1, samples: 200 } });
      expect(result.objective).toBe('distillation, temperature 4');
      expect(result.history[1].validationLoss).toBeLessThan(result.history[0].validationLoss);
      const asked = await failing({ ...SHORT, teacher: 'labels' });
      expect(asked).toMatchObject({ code: 'invalid-data', kept: 0 });
    } finally {
      Object.assign(source, { labels });
    }
  });

  it('before its first step is the quantized model itself, each layer alone as well', async () => {
    const { result, partials } = await studio.run('qat', { settings: W4A4, training: { ...SHORT, seed: 5 } });
    const untrained = partials[0].best!;
    expect(untrained.checkpoint.epoch).toBe(0);
    await studio.run('restoreTraining', untrained);
    const [{ result: ptq }, { result: same }] = [
      await studio.run('evaluate', { settings: W4A4 }),
      await studio.run('evaluate', { settings: untrained.settings }),
    ];
    expect(same.quantized.value).toBeCloseTo(ptq.quantized.value, 2);
    const alone = async (settings: QuantSettings) =>
      new Map((await studio.run('sensitivity', { settings, samples: 100 })).result.map((row) => [row.op, row.sqnrDb]));
    const [plain, restored] = [await alone(W4A4), await alone(untrained.settings)];
    for (const [op, sqnrDb] of plain) expect(restored.get(op)).toBeCloseTo(sqnrDb, 0);
    const trained = await alone(result.settings);
    expect(trained).not.toEqual(plain);
    expect(Math.min(...trained.values())).toBeGreaterThan(0);
  });

  it('leaves the weights of an equal run alone, which may be in use', async () => {
    const short = { ...SHORT, seed: 3 };
    const { partials } = await studio.run('qat', { settings: W4A4, training: short });
    const first = partials[0].best!;
    studio.session.trainings.set(first.id, first.checkpoint);
    const { result } = await studio.run('qat', { settings: W4A4, training: short });
    expect(result.id).not.toBe(first.id);
    expect([...studio.session.trainings.keys()]).toEqual(expect.arrayContaining([first.id, result.id]));
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

  it('a learning rate that diverges is lowered, from the best epoch on, and that is said', async () => {
    const wild: QatSettings = { ...SHORT, seed: 21, learningRate: 10, ratesByFormat: false, schedule: 'constant' };
    const { result } = await studio.run('qat', { settings: W4A4, training: wild });
    expect(result.notes.join(' ')).toMatch(/diverged (once|\d times); it went on from the best epoch/);
    const [untrained, ...epochs] = result.history;
    const best = result.history.find(({ epoch }) => epoch === result.checkpoint.epoch)!;
    expect(best.validationAccuracy).toBeGreaterThanOrEqual(untrained.validationAccuracy!);
    expect(epochs.every(({ validationLoss }) => Number.isFinite(validationLoss))).toBe(true);
  });

  it('a default rate that is too large for a model is found out before it is trained on', async () => {
    const { result } = await studio.run('qat', {
      settings: W4A4,
      training: { ...SHORT, learningRate: 10, rangeLearningRate: 10 },
    });
    expect(result.notes.join(' ')).toContain('at larger ones the loss of a trial ran away');
    expect(result.history[1].validationLoss).toBeLessThan(result.history[0].validationLoss);
  });

  it('data that is no number all of a sudden is left out; the untrained model is what is left, and that is said', async () => {
    const { reader } = studio.session.data;
    const read = reader.read.bind(reader);
    const { evaluation, calibration } = studio.session.data.split;
    let calls = 0;
    // Everything is read once to be validated, and then samples turn out to be broken.
    reader.read = async (index) => {
      const values = await read(index);
      const isTrainedOn = !evaluation.includes(index) && !calibration.includes(index);
      return isTrainedOn && ++calls > 150 ? values.map(() => NaN) : values;
    };
    try {
      const { result } = await studio.run('qat', {
        settings: W4A4,
        training: { ...SHORT, seed: 22, teacher: 'labels' },
      });
      reader.read = read;
      expect(result.checkpoint.epoch).toBe(0);
      const said = result.notes.join(' ');
      for (const words of ['kept diverging', 'steps were left out', 'the untrained one is kept'])
        expect(said).toContain(words);
      const { result: kept } = await studio.run('evaluate', { settings: result.settings, samples: 50 });
      const { result: ptq } = await studio.run('evaluate', { settings: W4A4, samples: 50 });
      expect(kept.quantized.value).toBe(ptq.quantized.value);
    } finally {
      reader.read = read;
    }
  });

  it('weights that are no numbers to begin with are refused as such', async () => {
    const { result } = await studio.run('qat', { settings: W4A4, training: { ...SHORT, epochs: 1, samples: 100 } });
    const [[id, weights], ...others] = Object.entries(result.checkpoint.weights);
    const broken = { ...weights, values: weights.values.map(() => NaN) };
    const from = { ...result.checkpoint, weights: { ...Object.fromEntries(others), [id]: broken } };
    const diverged = studio.run('qat', { settings: W4A4, training: SHORT, from });
    await expect(diverged).rejects.toMatchObject({ code: 'diverged' });
  });

  it('labels outside the classes are refused before anything is trained, by name', async () => {
    const { labels } = studio.session.data.source;
    const kept = labels![3];
    labels![3] = 12;
    try {
      const left = await failing(SHORT);
      expect(left).toMatchObject({ code: 'invalid-data', kept: 0 });
      const run = studio.run('qat', { settings: W4A4, training: SHORT });
      await expect(run).rejects.toMatchObject({ details: ['label 12'] });
    } finally {
      labels![3] = kept;
    }
  });

  it('too few samples, and settings out of bounds, are refused', async () => {
    expect(await failing({ ...SHORT, samples: 10 })).toMatchObject({ code: 'invalid-data', kept: 0 });
    expect(await failing({ ...SHORT, teacher: 'input' })).toMatchObject({ code: 'invalid-settings', kept: 0 });
    const refused = async () => studio.run('qat', { settings: W4A4, training: { ...SHORT, epochs: 0, warmUp: 2 } });
    await expect(refused()).rejects.toMatchObject({ code: 'invalid-settings', details: { length: 2 } });
  });

  it.each([
    ['int8', 'int8'],
    ['int4', 'int8'],
  ])('%s weights, %s activations: the file answers as the simulation does', async (weights, activations) => {
    const training = { ...SHORT, epochs: 1, samples: 300 };
    const { result } = await studio.run('qat', { settings: inFormats(weights, activations), training });
    const { result: simulated } = await studio.run('evaluate', { settings: result.settings });
    const { result: file } = await studio.run('exportFile', { settings: result.settings });
    const spec = { file: file.bytes, compareSamples: 2, settings: result.settings };
    const { result: verified } = await studio.run('verify', spec);
    expect(verified.runtime.mismatches).toBe(0);
    const { metric, value } = simulated.quantized;
    expect(verified.simulation).toMatchObject({ samples: 200, changed: 0, score: { metric, value, samples: 200 } });
    expect(verified.file.value).toBe(value);
  });
});
