/** Fixes of the data are tried like those of the settings: what is promised is what applying them brings. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import type { Finding } from '../../core/diagnosis/finding';
import type { Fix } from '../../core/diagnosis/fix';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { GraphBuilder } from '../../core/graph/build';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { draw } from '../../testing/builders/two-layers';
import type { Judged } from '../contract/diagnosis-protocol';
import { ranked } from './try-fixes';

const SAMPLES = join(import.meta.dirname, '../../../public/samples');
const settings = DEFAULT_SETTINGS;

describe('fixes of the data', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(join(SAMPLES, 'digits/model/model.json')) });
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  async function open(calibrationSamples: number) {
    const split = { seed: 42, calibrationSamples, evaluationSamples: 800 };
    await studio.run('openData', { files: sourceFiles(join(SAMPLES, 'digits/digits.npz')), ...split });
    return split;
  }

  it('another preprocessing is calibrated apart and judged by the labels; what is open stays', async () => {
    const split = await open(300);
    const wrong = [{ kind: 'scale', scale: 1, offset: 0 }] as const; // bytes, where 0 … 1 is wanted
    await studio.run('changeData', { ...split, preprocessing: wrong });
    await studio.run('calibrate', {});
    const { data, calibration } = studio.session;
    const tensors = liveTensors();
    const { result } = await studio.run('diagnose', { settings });
    expect(studio.session.data).toBe(data);
    expect(studio.session.calibration).toBe(calibration);
    expect(liveTensors()).toBe(tensors);

    const [first] = result.findings;
    expect(first).toMatchObject({ check: 'data-range', severity: 'severe', cost: 1 });
    const [fix] = first.fixes;
    const [effect] = first.effects;
    if (fix?.kind !== 'preprocessing') throw new Error('no fix of the preprocessing');
    expect(effect!.score.value - result.held!.before.score.value).toBeGreaterThan(0.05);

    await studio.run('changeData', { ...split, preprocessing: fix.pipeline });
    await studio.run('calibrate', {});
    const { result: mended } = await studio.run('evaluate', { settings });
    expect(Math.abs(mended.quantized.value - effect!.score.value)).toBeLessThan(0.05);
  });

  it('more samples are added to those that ranges are taken from, none of them held', async () => {
    await open(12);
    await studio.run('calibrate', {});
    const { result } = await studio.run('diagnose', { settings });
    const finding = result.findings.find(({ check }) => check === 'few-samples')!;
    expect(finding.fixes).toMatchObject([{ kind: 'calibration' }]);
    expect(finding.effects[0]).toMatchObject({ score: { metric: 'top1', samples: result.held!.samples } });
    // Ranges of more samples clip less of what they have not seen.
    expect(finding.effects[0]!.sqnrDb).toBeGreaterThan(result.held!.before.sqnrDb);
  });
});

describe('levelling what is joined', () => {
  it('brings the output nearer where the narrow input decides, tried beforehand and on other samples', async () => {
    // The narrow half is read by weights that are as much larger: both halves matter alike, one is left with six codes.
    const b = new GraphBuilder('joined');
    const x = b.input('x', [-1, 8]);
    const dense = (name: string, from: string, seed: number, scale: (input: number) => number, width: number) => {
      const weights = draw(8 * width, seed).map((w, i) => w * scale(i % width));
      return b.op('fullyConnected', name, [from, b.constant(`${name}/w`, weights, [8, width]), null], { keepDims: false })[0]; // prettier-ignore
    };
    const halves = [dense('narrow', x, 2, () => 1 / 40, 8), dense('wide', x, 3, () => 1, 8)];
    const [both] = b.op('concat', 'both', halves, { axis: 1 });
    const graph = b.build([dense('out', both, 4, (input) => (input < 8 ? 40 : 1), 16)]);

    const studio = new TestSession();
    await studio.session.tfjs();
    const before = liveTensors();
    await studio.run('openModel', { files: [{ path: 'joined.tflite', bytes: writeTflite(graph) }] });
    await studio.run('randomData', { seed: 1, calibrationSamples: 200, evaluationSamples: 200 });
    await studio.run('calibrate', {});
    const { result } = await studio.run('diagnose', { settings });
    const finding = result.findings.find(({ check }) => check === 'concat-ranges')!;
    expect(finding.fixes[0]).toMatchObject({ patch: { algorithms: ['level-joins'] } });
    const gain = finding.effects[0]!.sqnrDb - result.held!.before.sqnrDb;
    expect(gain).toBeGreaterThan(10);
    const outputOf = async (algorithms: { id: string; params: Record<string, number> }[]) =>
      (await studio.run('evaluate', { settings: { ...settings, algorithms } })).result.outputSqnrDb;
    const reached = (await outputOf([{ id: 'level-joins', params: {} }])) - (await outputOf([]));
    expect(reached).toBeGreaterThan(10);
    const { result: improved } = await studio.run('improve', { settings, iterations: 100 });
    expect(improved.steps.find(({ step }) => step === 'levelling')).toMatchObject({ kept: true });
    expect(studio.close(before)).toBe(0);
  });
});

describe('a finding with a fix of the data', () => {
  const fix: Fix = { kind: 'preprocessing', label: 'Use this preprocessing', pipeline: [] };
  const finding = { check: 'data-range', layers: [], fixes: [fix], estimate: 1 } as unknown as Finding;
  const judged = (value: number, sqnrDb: number, change = value - 0.5) =>
    ({ sqnrDb, score: { metric: 'top1', value }, change: { value: change, low: change - 0.05, high: change + 0.05 } }) as Judged; // prettier-ignore
  const loss = { value: -0.1, low: -0.2, high: 0, n: 400, method: 'mcnemar' } as const;
  const held = {
    samples: 400,
    float: judged(0.6, 30).score,
    before: judged(0.5, 30),
    outputDb: 30,
    loss,
    countsAnswers: true,
  };
  const rank = (after: Judged) => ranked([finding], new Map([[fix, after]]), 30, held)[0];

  it('counts by answers: another input has another float output', () => {
    expect(rank(judged(0.9, 10))).toMatchObject({ cost: 1, severity: 'severe' });
    expect(rank(judged(0.4, 50))).toMatchObject({ cost: 0, severity: 'minor' });
  });
});

describe('what was tried and brought nothing', () => {
  const offer = (label: string): Fix => ({
    kind: 'settings',
    label,
    patch: { layers: { [label]: { keepFloat: true } } },
  });
  const [works, idles, idlesToo] = ['works', 'idles', 'idles too'].map(offer);
  const cause = {
    check: 'uneven-input',
    layers: ['norm'],
    fixes: [works, idles],
    estimate: 0.5,
  } as unknown as Finding;
  const symptom = { check: 'dominant-layer', layers: ['norm'], fixes: [idlesToo], estimate: 1 } as unknown as Finding;
  const elsewhere = { ...symptom, layers: ['dense'] };
  const score = { metric: 'sqnr', value: 0, samples: 300 } as const;
  const held = { samples: 300, float: score, before: { sqnrDb: 5, score }, outputDb: 5, loss: { value: NaN, low: NaN, high: NaN, n: 300, method: 'bootstrap' }, countsAnswers: false } as const; // prettier-ignore
  const tried = new Map<Fix, Judged>([
    [works, { sqnrDb: 40, score }],
    [idles, { sqnrDb: 5.1, score }],
    [idlesToo, { sqnrDb: 5, score }],
  ]);

  it('is not offered, but said', () => {
    const [first] = ranked([cause], tried, 5, held);
    expect(first).toMatchObject({ fixes: [works], effects: [{ sqnrDb: 40 }], inert: ['idles'] });
  });

  it('is no cause beside one in the same place that is mended', () => {
    expect(ranked([symptom, cause], tried, 5, held).map(({ check }) => check)).toEqual(['uneven-input']);
    expect(ranked([elsewhere, cause], tried, 5, held)).toHaveLength(2);
  });
});
