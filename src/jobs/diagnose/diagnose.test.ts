import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { patched } from '../../core/diagnosis/fix';
import { PARTS } from '../../core/metrics/error-split';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';
import type { Diagnosis } from '../contract/diagnosis-protocol';

const SAMPLES = join(import.meta.dirname, '../../../public/samples');
const SPLIT = { seed: 42, calibrationSamples: 300, evaluationSamples: 1000 };
const PER_TENSOR: QuantSettings = {
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, granularity: 'tensor' },
};
const db = (signal: number, noise: number) => 10 * Math.log10(signal / noise);

describe('diagnosing the rescaled twin of the digits', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(join(SAMPLES, 'digits-rescaled/model/model.json')) });
    await studio.run('openData', { files: sourceFiles(join(SAMPLES, 'digits/digits.npz')), ...SPLIT });
    await studio.run('calibrate', {});
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  const fixOf = (finding: Diagnosis['findings'][number], label: string) => {
    const index = finding.fixes.findIndex((fix) => fix.label === label);
    const fix = finding.fixes[index];
    if (fix.kind !== 'settings') throw new Error(`${label} is no settings fix`);
    return { patch: fix.patch, effect: finding.effects[index]! };
  };

  it('with one scale a tensor: the outlier channel comes first, and equalizing brings accuracy back, as predicted', async () => {
    const { result: collapsed } = await studio.run('evaluate', { settings: PER_TENSOR });
    expect(collapsed.float.value - collapsed.quantized.value).toBeGreaterThan(0.3);

    const { result } = await studio.run('diagnose', { settings: PER_TENSOR });
    const [first] = result.findings;
    expect(first).toMatchObject({ check: 'outlier-channel', severity: 'severe' });
    expect(first.cost).toBeGreaterThan(0.9);
    const { patch, effect } = fixOf(first, 'Equalize channels');
    expect(effect.score.value - result.held!.before.score.value).toBeGreaterThan(0.3);

    const { result: equalized } = await studio.run('evaluate', { settings: patched(PER_TENSOR, patch) });
    expect(equalized.float.value - equalized.quantized.value).toBeLessThanOrEqual(0.01);
    // What was predicted on held calibration samples holds on others.
    expect(Math.abs(equalized.quantized.value - effect.score.value)).toBeLessThan(0.02);

    const { result: cured } = await studio.run('diagnose', { settings: patched(PER_TENSOR, patch) });
    expect(cured.findings.filter(({ severity }) => severity === 'severe')).toEqual([]);
    expect(cured.sqnrDb).toBeGreaterThan(result.sqnrDb + 20);
  });

  it('with scales per channel: the activations suffer from the same channels, and nothing is severe', async () => {
    const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    expect(result.findings[0]).toMatchObject({ check: 'uneven-activations', severity: 'minor' });
    expect(fixOf(result.findings[0], 'Equalize channels').effect.sqnrDb).toBeGreaterThan(
      result.held!.before.sqnrDb + 6,
    );
  });

  it('splits every error into parts that add up, to the very error that evaluation sees', async () => {
    const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    const { result: evaluation } = await studio.run('evaluate', { settings: DEFAULT_SETTINGS, samples: 128 });
    const seen = new Map(evaluation.layers.map((layer) => [layer.tensor, layer.sqnrDb]));
    expect(result.samples).toBe(128);
    expect(result.activations).toHaveLength(seen.size + 1); // and the input
    for (const row of result.activations) {
      const sum = PARTS.reduce((total, part) => total + row[part], row.cross);
      expect(Math.abs(sum / row.total - 1)).toBeLessThan(1e-9);
      const expected = seen.get(row.tensor);
      if (expected === undefined) expect(row).toMatchObject({ op: null, propagated: 0, weights: 0 });
      else expect(db(row.signal, row.total)).toBeCloseTo(expected, 6);
    }
    // Weights, by the closed form: all within their range, rounded to steps of their channel's scale.
    for (const { signal, rounding, clipping } of result.weights) {
      expect(clipping).toBe(0);
      expect(db(signal, rounding)).toBeGreaterThan(30);
    }
    const shares = result.shares.reduce((sum, { share }) => sum + share, 0);
    expect(shares).toBeCloseTo(1, 9);
    expect(result.shares.map(({ op }) => op)).not.toContain(studio.session.model.graph.ops.at(-1)!.id);
  });

  it('shows errors first, then findings, then what helps; cancelled, it holds nothing', async () => {
    const { partials, result, stages } = await studio.run('diagnose', { settings: PER_TENSOR });
    expect(stages).toEqual(['Looking where errors come from', 'Measuring what each layer brings', 'Trying what helps']);
    expect(partials[0]).toMatchObject({ shares: [], findings: [] });
    expect(partials[0].activations.length).toBeGreaterThan(0);
    expect(partials[1].findings.length).toBeGreaterThanOrEqual(result.findings.length); // what was tried in vain is gone
    expect(partials[1].findings.every(({ effects }) => effects.every((effect) => effect === null))).toBe(true);
    expect(partials.at(-1)).toEqual(result);

    const tensors = liveTensors();
    const controller = new AbortController();
    const onProgress = ({ stage }: { stage: string }) => stage === 'Trying what helps' && controller.abort();
    const cancelled = studio.run('diagnose', { settings: PER_TENSOR }, { signal: controller.signal, onProgress });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(liveTensors()).toBe(tensors);
  });

  it('says so before all else where the data is not what the model expects', async () => {
    const preprocessing = [{ kind: 'scale', scale: 1, offset: 0 }] as const; // bytes, where 0 … 1 is wanted
    await studio.run('changeData', { ...SPLIT, preprocessing });
    await studio.run('calibrate', {});
    const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    expect(result.findings[0]).toMatchObject({ check: 'data-range', severity: 'severe', layers: [] });
    const [fix] = result.findings[0].fixes;
    expect(fix.kind).toBe('preprocessing');
    if (fix.kind !== 'preprocessing') return;
    await studio.run('changeData', { ...SPLIT, preprocessing: fix.pipeline });
    await studio.run('calibrate', {});
    const { result: mended } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    expect(mended.findings.map(({ check }) => check)).not.toContain('data-range');
    expect(mended.held!.float.value).toBeGreaterThan(0.95);
  });
});
