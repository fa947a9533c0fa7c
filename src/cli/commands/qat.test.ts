import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FORMATS } from '../../core/number-formats/table';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { DEFAULT_QAT } from '../../core/training/settings';
import { parsed as parse, runCli } from '../../testing/builders/cli';
import { qatReportSchema } from '../../jobs/reports/qat-report';
import { TestSession } from '../../testing/builders/session';
import { UsageError } from '../options/usage-error';
import { sourceFiles } from '../files';
import { QAT as COMMAND } from '../options/qat-options';

const DIGITS = resolve(import.meta.dirname, '../../../public/samples/digits');
const [MODEL, DATA] = [join(DIGITS, 'digits.tflite'), join(DIGITS, 'digits.npz')];
const folder = mkdtempSync(join(tmpdir(), 'rangefinder-qat-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const QAT = ['qat', 'm.tflite', '--data', 'd'];
const training = (...options: string[]) => COMMAND.parse([...QAT.slice(1), ...options]).training;

describe('the grammar of rangefinder qat', () => {
  it('fills in what the page starts from; Node has one backend', () => {
    expect(training()).toEqual({ ...DEFAULT_QAT, backend: 'wasm' });
    const estimator = { id: 'mse', params: {} };
    expect(parse(QAT)).toMatchObject({
      command: 'qat',
      settings: { ...DEFAULT_SETTINGS, weights: { granularity: 'channel', estimator }, activations: { estimator } },
    });
  });

  it('takes a rate that is given for what it is, ranges in proportion', () => {
    expect(training('--learning-rate', '0.001')).toMatchObject({
      learningRate: 0.001,
      rangeLearningRate: 0.002,
      ratesByFormat: false,
    });
    expect(training('--range-learning-rate', '0.5')).toMatchObject({ rangeLearningRate: 0.5, ratesByFormat: true });
  });

  it('takes bits and formats', () => {
    expect(parse([...QAT, '--weight-bits', '2', '--activation-format', 'fp8-e5m2'])).toMatchObject({
      settings: { weights: { format: 'int2' }, activations: { format: 'fp8-e5m2' } },
    });
    expect(parse([...QAT, '--input-format', 'int8'])).toMatchObject({ inputFormat: 'int8' });
  });

  it.each([
    [['--weight-bits', '1']],
    [['--weight-bits', '4', '--weight-format', 'int4']],
    [['--activation-format', 'int3.5']],
    [['--batch-norm', 'never']],
    [['--epochs', 'many']],
    [['--epochs', '-1']],
    [['--epochs', '1.5']],
    [['--batch', '0']],
    [['--no-such-option']],
    [['another']],
  ])('%s is wrong usage', (options) => {
    expect(() => parse([...QAT, ...options])).toThrow(UsageError);
  });

  it('wants a model and data', () => {
    expect(() => parse(['qat'])).toThrow('MODEL');
    expect(() => parse(['qat', 'm'])).toThrow('--data');
  });

  it('explains its options, all formats among them', async () => {
    const { code, stdout, stderr } = await runCli(['qat', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { id, family } of FORMATS) if (family !== 'integer') expect(stdout).toContain(id);
  });
});

describe('rangefinder qat', () => {
  const common = ['--data', DATA, '--calibrate', '100', '--evaluate', '100', '--samples', '200', '--epochs', '1'];

  it('writes the file, measures it in LiteRT, and reports the very figures of the job', async () => {
    const argv = ['qat', MODEL, ...common, '--weight-bits', '4', '--report', at('r.json'), '--out', at('o.tflite')];
    const { code, stderr } = await runCli(argv);
    expect(code).toBe(0);
    expect(stderr).toContain('file in LiteRT');
    const report = qatReportSchema.parse(JSON.parse(readFileSync(at('r.json'), 'utf8')));
    expect(report).toMatchObject({
      formats: { weights: 'int4', activations: 'int8', granularity: 'channel' },
      file: { mismatches: 0, predictionsChanged: 0, bytes: readFileSync(at('o.tflite')).byteLength },
      backend: 'wasm',
      samples: { train: 180, validation: 20, evaluation: 100 },
    });
    expect(report.accuracy.file).toBe(report.accuracy.qat);
    expect(readFileSync(at('o.tflite')).byteLength).toBeGreaterThan(10_000);

    const studio = new TestSession();
    await studio.run('openModel', { files: sourceFiles(MODEL) });
    const split = { seed: 42, calibrationSamples: 100, evaluationSamples: 100 };
    await studio.run('openData', { files: sourceFiles(DATA), ...split });
    await studio.run('calibrate', {});
    const estimator = { id: 'mse', params: {} };
    const settings = {
      ...DEFAULT_SETTINGS,
      weights: { ...DEFAULT_SETTINGS.weights, estimator, format: 'int4' },
      activations: { estimator },
    };
    const page = { ...DEFAULT_QAT, epochs: 1, samples: 200 }; // 'auto' finds no GPU here
    const { result } = await studio.run('qat', { settings, training: page });
    const timeless = (history: readonly { milliseconds: number }[]) =>
      history.map((row) => ({ ...row, milliseconds: 0 }));
    expect(timeless(report.history)).toEqual(timeless(result.history));
    studio.session.dispose();
  });

  it('simulates what no file holds, and evaluates on other data', async () => {
    const other = ['--evaluate-data', join(DIGITS, 'digits-train.npz'), '--activation-format', 'fp8-e4m3fn'];
    const argv = ['qat', MODEL, ...common, ...other, '--input-format', 'int8', '--report', at('s.json')];
    const { code, stderr } = await runCli(argv);
    expect(code).toBe(0);
    expect(stderr).toContain('None is written.');
    const report = qatReportSchema.parse(JSON.parse(readFileSync(at('s.json'), 'utf8')));
    expect([report.accuracy.file, report.file]).toEqual([null, null]);
    // Pictures that the network was trained on: it knows nearly all of them.
    expect(report.accuracy.float).toBeGreaterThan(0.98);
  });
});
