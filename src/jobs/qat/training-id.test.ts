import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { DEFAULT_QAT } from '../../core/training/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';

const DIGITS = resolve(import.meta.dirname, '../../../public/samples/digits');
const SETTINGS: QuantSettings = {
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, format: 'int3' },
};
const training = { ...DEFAULT_QAT, epochs: 1, samples: 100 };

describe('trained weights by name', () => {
  const studio = new TestSession();
  let before = 0;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: sourceFiles(resolve(DIGITS, 'model')) });
    await openOn(1);
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  /** Another seed is another split: other samples are trained on. */
  async function openOn(seed: number, calibrationSamples = 50) {
    const split = { seed, calibrationSamples, evaluationSamples: 200 };
    await studio.run('openData', { files: sourceFiles(resolve(DIGITS, 'digits.npz')), ...split });
    await studio.run('calibrate', {});
  }
  const trained = async () => (await studio.run('qat', { settings: SETTINGS, training })).result;
  const scoreOf = async (settings: QuantSettings) =>
    (await studio.run('evaluate', { settings })).result.quantized.value;

  it('are other ones on another split, and each is evaluated as itself', async () => {
    const first = await trained();
    await openOn(2);
    const second = await trained();
    expect(second.id).not.toBe(first.id);
    expect(second.checkpoint.loss).not.toBe(first.checkpoint.loss);
    const figures = [await scoreOf(first.settings), await scoreOf(second.settings)];

    const fresh = new TestSession();
    await fresh.run('openModel', { files: sourceFiles(resolve(DIGITS, 'model')) });
    const split = { seed: 2, calibrationSamples: 50, evaluationSamples: 200 };
    await fresh.run('openData', { files: sourceFiles(resolve(DIGITS, 'digits.npz')), ...split });
    await fresh.run('calibrate', {});
    for (const [i, { id, checkpoint, settings }] of [first, second].entries()) {
      await fresh.run('restoreTraining', { id, checkpoint });
      expect((await fresh.run('evaluate', { settings })).result.quantized.value).toBe(figures[i]);
    }
    fresh.session.dispose();
  });

  it('are other ones after other preprocessing, and the same ones on the same data opened again', async () => {
    await openOn(3);
    const first = await trained();
    await openOn(3);
    expect((await trained()).id).toBe(first.id);
    const { preprocessing } = studio.session.data;
    const split = { seed: 3, calibrationSamples: 50, evaluationSamples: 200 };
    const changed = [...preprocessing, { kind: 'scale', scale: 0.5, offset: 0 } as const];
    await studio.run('changeData', { ...split, preprocessing: changed });
    await studio.run('calibrate', {});
    expect((await trained()).id).not.toBe(first.id);
  });

  it('are evaluated as themselves when they take the name of others', async () => {
    await openOn(4);
    const { id, checkpoint, settings } = await trained();
    const own = await scoreOf(settings);
    const zero = Object.fromEntries(
      Object.entries(checkpoint.weights).map(([tensor, row]) => [tensor, { ...row, values: row.values.map(() => 0) }]),
    );
    await studio.run('restoreTraining', { id, checkpoint: { ...checkpoint, weights: zero } });
    // Weights of zero give every sample the same answer; one of ten digits is right by that.
    expect(await scoreOf(settings)).toBeLessThan(0.25);
    await studio.run('restoreTraining', { id, checkpoint });
    expect(await scoreOf(settings)).toBe(own);
  });
});
