/** What the cases are judged as and by, and that their causes come first with a fix that works. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patched } from '../core/diagnosis/fix';
import { DEFAULT_SETTINGS } from '../core/quantize/settings';
import { liveTensors, TestSession } from '../testing/builders/session';
import { haveCases, readCase } from '../testing/fixtures/cases';

const SPLIT = { seed: 42, calibrationSamples: 500, evaluationSamples: 1000 };

describe.runIf(haveCases)('the cases', () => {
  const studio = new TestSession();
  let before: number;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  async function open(name: string) {
    await studio.run('openModel', { files: [{ path: `${name}.keras`, bytes: readCase(`${name}.keras`) }] });
    const files = [{ path: `${name}.npz`, bytes: readCase(`${name}.npz`) }];
    const { result: data } = await studio.run('openData', { files, ...SPLIT });
    await studio.run('calibrate', {});
    return data;
  }
  const evaluated = async (settings = DEFAULT_SETTINGS) => (await studio.run('evaluate', { settings })).result;

  it('seg: positions, not one class for the whole map', async () => {
    expect((await open('seg')).task).toMatchObject({ id: 'positions', metric: 'position-accuracy' });
    const { float, quantized, difference } = await evaluated();
    expect(quantized.figures!['position-agreement']).toBeGreaterThan(0.999);
    expect(float.value).toBeCloseTo(0.991, 2);
    expect(quantized.figures!['mean-iou']).toBeGreaterThan(0.9);
    expect(difference!.high - difference!.low).toBeGreaterThan(0);
  });

  it('ages: whole numbers are the targets of a regression, and that is said', async () => {
    const { task } = await open('ages');
    expect(task).toMatchObject({ id: 'regression', metrics: ['r2', 'rmse', 'mae', 'sqnr'] });
    expect(task.inWords).toContain('whole numbers');
    expect((await evaluated()).float.value).toBeGreaterThan(0.9);
  });

  it('logit: a single logit says yes above 0', async () => {
    await open('logit');
    expect((await evaluated()).float.value).toBeCloseTo(0.8, 1);
  });

  it('embed and multi-out: a figure for every output', async () => {
    expect((await open('embed')).task).toMatchObject({ id: 'embedding', metric: 'cosine' });
    expect((await evaluated()).quantized.value).toBeGreaterThan(0.99);
    await open('multi-out');
    const { outputs } = await evaluated();
    expect(outputs.map(({ name, metric }) => [name, metric])).toEqual([
      ['zz_label', 'top1'],
      ['aa_temperature', 'sqnr'],
    ]);
    expect(outputs.every(({ sqnrDb }) => sqnrDb > 25)).toBe(true);
  });

  it.each([
    ['sensor', 'uneven-input', 0.99],
    ['boxes-scores', 'concat-ranges', 0.9],
    ['spikes', 'input-spikes', 0.96],
  ])('%s: its cause comes first, and one fix brings the answers back', async (name, check, least) => {
    await open(name);
    const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    const [first] = result.findings;
    expect(first).toMatchObject({ check, severity: 'severe' });
    const [fix] = first.fixes;
    if (fix?.kind !== 'settings') throw new Error(`${check} has no fix of the settings`);
    expect((await evaluated(patched(DEFAULT_SETTINGS, fix.patch))).quantized.value).toBeGreaterThanOrEqual(least);
  });

  it('joined_output: the join comes first, past a transpose and a reshape, and its fix shows the gain', async () => {
    await studio.run('openModel', { files: [{ path: 'joined.onnx', bytes: readCase('joined_output.onnx') }] });
    await studio.run('openData', { files: [{ path: 'joined.npy', bytes: readCase('joined_output.npy') }], ...SPLIT });
    await studio.run('calibrate', {});
    const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    expect(result.findings[0]).toMatchObject({ check: 'concat-ranges', severity: 'severe' });
    expect(result.findings[0].effects[0]!.sqnrDb).toBeGreaterThan(30);
  });

  it('rescaling-inside: nothing is wrong', async () => {
    await open('rescaling-inside');
    const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    expect(result.findings.filter(({ severity }) => severity !== 'minor')).toEqual([]);
  });
});
