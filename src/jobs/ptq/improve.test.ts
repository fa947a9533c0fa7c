/** The recommended pipeline on the rescaled twin of the digits, whose weights lie octaves apart, with one scale a tensor. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';
import type { Improvement } from '../contract/protocol';

const SAMPLES = join(import.meta.dirname, '../../../public/samples');
const PER_TENSOR: QuantSettings = {
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, granularity: 'tensor' },
};

describe('improve', () => {
  const studio = new TestSession();
  let before = 0;
  let found: Improvement;
  let partials: readonly Improvement[];

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(join(SAMPLES, 'digits-rescaled/model/model.json')) });
    const split = { seed: 42, calibrationSamples: 300, evaluationSamples: 600 };
    await studio.run('openData', { files: sourceFiles(join(SAMPLES, 'digits/digits.npz')), ...split });
    await studio.run('calibrate', {});
    ({ result: found, partials } = await studio.run('improve', { settings: PER_TENSOR, iterations: 100 }));
  }, 60_000);
  afterAll(() => expect(studio.close(before)).toBe(0));

  it('goes through its steps in order: each stays where it brings the output nearer, and only there', () => {
    expect(found.steps.map(({ step }) => step)).toEqual([
      'equalization',
      'absorption',
      'smoothing',
      'weight-ranges',
      'rounding',
      'activation-ranges',
    ]);
    let current = found.before.sqnrDb;
    for (const { kept, before: from, after, choice, tried, why } of found.steps) {
      expect(from).toBe(current);
      expect(kept).toBe(after - from >= 0.1);
      expect(after).toBe(Math.max(...tried.map(({ sqnrDb }) => sqnrDb)));
      expect(why).toContain(choice);
      expect(why).toContain(`${found.samples} samples that nothing was learnt from`);
      if (kept) current = after;
    }
    expect(found.after.sqnrDb).toBe(current);
    expect(partials.map(({ steps }) => steps.length)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('brings back what one scale a tensor lost, also on samples that it never saw', async () => {
    expect(found.steps[0]).toMatchObject({ choice: 'Cross-layer equalization', kept: true });
    expect(found.settings.algorithms!.map(({ id }) => id)).toContain('cle');
    const { result: collapsed } = await studio.run('evaluate', { settings: PER_TENSOR });
    const { result: mended } = await studio.run('evaluate', { settings: found.settings });
    expect(collapsed.float.value - collapsed.quantized.value).toBeGreaterThan(0.3);
    expect(mended.float.value - mended.quantized.value).toBeLessThanOrEqual(0.01);
  });

  it('tries no estimator for weights that is another one again', () => {
    const labels = found.steps.find(({ step }) => step === 'weight-ranges')!.tried.map(({ label }) => label);
    expect(labels).not.toContain('Moving average');
    expect(labels).toContain('Least squared error');
  });

  it('never ends worse than it began: what was given stays where it was better', async () => {
    const { result: again } = await studio.run('improve', { settings: found.settings, iterations: 100 });
    expect(again.after.sqnrDb).toBeGreaterThanOrEqual(again.before.sqnrDb);
  });
});
