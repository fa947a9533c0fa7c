import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { diagnosisReportSchema } from '../../jobs/reports/diagnosis-report';
import { parsed as parse, runCli } from '../../testing/builders/cli';
import { TestSession } from '../../testing/builders/session';
import { linesGraph, linesNpz } from '../../testing/builders/small-model';
import { UsageError } from '../options/usage-error';
import { modelFiles, sourceFiles } from '../files';

const folder = mkdtempSync(join(tmpdir(), 'rangefinder-'));
const at = (name: string) => join(folder, name);
const MODEL = at('lines.tflite');
const DATA = at('lines.npz');
const RUN = ['diagnose', MODEL, '--data', DATA, '--calibrate', '20', '--evaluate', '40'];

beforeAll(() => {
  writeFileSync(MODEL, writeTflite(linesGraph()));
  writeFileSync(DATA, linesNpz(60));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the grammar of diagnose', () => {
  it('starts from what the page starts from', () => {
    expect(parse(['diagnose', 'm.tflite', '--data', 'images'])).toMatchObject({
      command: 'diagnose',
      model: 'm.tflite',
      data: 'images',
      settings: DEFAULT_SETTINGS,
      sensitivity: 256,
      mode: 'alone',
      part: 'both',
      seed: 42,
    });
  });

  it('takes every option', () => {
    const argv =
      'diagnose m --data d --labels l --report r.json --calibrate 7 --evaluate 9 --estimator mse --weight-estimator octav ' +
      '--granularity tensor --weight-format int4 --activation-format fp8-e4m3fn --cle --sensitivity 5 --mode all-but ' +
      '--part weights --seed 3 --quiet';
    expect(parse(argv.split(' '))).toMatchObject({
      command: 'diagnose',
      model: 'm',
      sizes: {},
      data: 'd',
      labels: 'l',
      report: 'r.json',
      calibrate: 7,
      evaluate: 9,
      settings: {
        ...DEFAULT_SETTINGS,
        weights: { granularity: 'tensor', estimator: { id: 'octav', params: {} }, format: 'int4' },
        activations: { estimator: { id: 'mse', params: {} }, format: 'fp8-e4m3fn' },
        algorithms: [{ id: 'cle', params: {} }],
      },
      sensitivity: 5,
      mode: 'all-but',
      part: 'weights',
      seed: 3,
      quiet: true,
    });
  });

  it.each([
    ['no model', ['diagnose'], /needs a MODEL/],
    ['no data', ['diagnose', 'm'], /--data/],
    ['two models', ['diagnose', 'a', 'b', '--data', 'd'], /"b" is one argument too many/],
    ['a mode there is not', [...RUN, '--mode', 'some'], /--mode takes alone, all-but/],
    ['a part there is not', [...RUN, '--part', 'biases'], /--part takes both, weights, activations/],
    ['a format there is not', [...RUN, '--weight-format', 'int1'], /--weight-format .*"int1"/],
    ['an option of another command', [...RUN, '--out', 'o.tflite'], /--out/],
  ])('refuses %s', (_, argv, message) => {
    expect(() => parse(argv)).toThrow(UsageError);
    expect(() => parse(argv)).toThrow(message);
  });
});

describe('rangefinder diagnose', () => {
  it('prints what it found and measured, and writes the same as a report', async () => {
    const { code, stdout, stderr } = await runCli([...RUN, '--report', at('d.json'), '--sensitivity', '12']);
    expect(code).toBe(0);
    expect(stderr).toContain('Looking where errors come from');
    expect(stdout).toMatch(/^Output [\d.]+ dB against float, on 40 evaluation samples\.$/m);
    expect(stdout).toMatch(/^minor +One layer makes most of the error/m);
    expect(stdout).toMatch(/^quantized alone +output +top1$/m);
    const report = diagnosisReportSchema.parse(JSON.parse(readFileSync(at('d.json'), 'utf8')));
    expect(report).toMatchObject({
      report: 'diagnosis',
      version: 2,
      metric: 'top1',
      samples: 40,
      data: { seed: 42, calibrationSamples: 20 },
    });
    expect(report.activations.map(({ tensor }) => tensor)).toEqual(['x', 'conv', 'pool', 'dense', 'softmax']);
    expect(report.sensitivity).toMatchObject({ mode: 'alone', part: 'both', samples: 12 });
    expect(report.findings.map(({ check }) => check)).toContain('dominant-layer');
  });

  it('gives the numbers of the jobs, which are the page’s', async () => {
    await runCli([...RUN, '--report', at('d.json'), '--mode', 'all-but', '--sensitivity', '12', '--quiet']);
    const report = diagnosisReportSchema.parse(JSON.parse(readFileSync(at('d.json'), 'utf8')));
    const studio = new TestSession();
    await studio.run('openModel', { files: modelFiles(MODEL) });
    await studio.run('openData', { files: sourceFiles(DATA), seed: 42, calibrationSamples: 20, evaluationSamples: 40 });
    await studio.run('calibrate', {});
    const { result } = await studio.run('diagnose', { settings: DEFAULT_SETTINGS });
    const { result: layers } = await studio.run('sensitivity', {
      settings: DEFAULT_SETTINGS,
      samples: 12,
      mode: 'all-but',
    });
    studio.session.dispose();
    expect(report.sqnrDb).toBe(result.sqnrDb);
    expect(report.findings.map(({ title, cost }) => [title, cost])).toEqual(
      result.findings.map(({ title, cost }) => [title, cost]),
    );
    expect(report.shares).toEqual(result.shares);
    expect(report.sensitivity!.layers.map(({ op, gainDb }) => [op, gainDb])).toEqual(
      layers.map(({ op, gainDb }) => [op, gainDb]),
    );
  });

  it('says nothing when asked to be quiet, and refuses a report it could not write before it works', async () => {
    expect(await runCli([...RUN, '--quiet', '--sensitivity', '0'])).toEqual({ code: 0, stdout: '', stderr: '' });
    const refused = await runCli([...RUN, '--report', at('no/d.json')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).not.toContain('Calibrating');
  });
});
