import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTflite } from '../core/model-formats/tflite/read';
import { writeTflite } from '../core/model-formats/tflite/write';
import { DEFAULT_SETTINGS } from '../core/quantize/settings';
import { reportSchema, type Report } from '../jobs/reports/report';
import { runCli } from '../testing/builders/cli';
import { modelFiles, sourceFiles } from './files';
import { Headless } from './headless';
import { linesGraph, linesNpz } from '../testing/builders/small-model';

const folder = mkdtempSync(join(tmpdir(), 'rangefinder-'));
const at = (name: string) => join(folder, name);
const MODEL = at('lines.tflite');
const DATA = at('lines.npz');

beforeAll(() => {
  writeFileSync(MODEL, writeTflite(linesGraph()));
  writeFileSync(DATA, linesNpz(60));
});
afterAll(() => rmSync(folder, { recursive: true }));

const quantize = (...options: string[]) => [
  ...['quantize', MODEL, '--data', DATA, '--calibrate', '20', '--evaluate', '40', '--out', at('o.tflite')],
  ...options,
];

describe('rangefinder', () => {
  it('prints its help', async () => {
    expect(await runCli(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Exit codes'),
      stderr: '',
    });
  });

  it('answers wrong usage with exit code 2 and the way to the help', async () => {
    const { code, stdout, stderr } = await runCli(['quantise', MODEL]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('rangefinder: There is no command "quantise".\nTry: rangefinder --help\n');
  });

  it.each([
    ['a model that is not there', ['inspect', at('none.tflite')], at('none.tflite')],
    ['data that is not there', ['quantize', MODEL, '--data', at('none'), '--out', at('o.tflite')], at('none')],
    ['labels that are a folder', quantize('--labels', folder), folder],
    ['an output in a folder that is not there', quantize('--report', at('no/r.json')), at('no/r.json')],
    ['an output that is a folder', ['quantize', MODEL, '--data', DATA, '--out', folder], folder],
  ])('answers %s with exit code 1, saying what, where and what next', async (_, argv, where) => {
    const { code, stdout, stderr } = await runCli([...argv]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const lines = stderr.trimEnd().split('\n').slice(-3);
    expect(lines[0]).toMatch(/^rangefinder: .*\.$/);
    expect(lines[1]).toBe(`  where: ${where}`);
    expect(lines[2]).toMatch(/^ {2}next: .*\.$/);
  });

  it('refuses an output it could not write before it works', async () => {
    const { stderr } = await runCli(quantize('--report', at('no/r.json')));
    expect(stderr).not.toContain('Calibrating');
  });

  it('inspects: layers, shapes, parameters, multiply-accumulates', async () => {
    const { code, stdout } = await runCli(['inspect', MODEL]);
    expect(code).toBe(0);
    // 3×3×1 filters to 4 channels and 4 biases; 8×8 outputs of 9 products each.
    expect(stdout).toMatch(/^conv\s+Conv 2D \+ relu\s+N×8×8×4\s+40\s+2,304$/m);
    expect(stdout).toMatch(/^dense\s+Fully connected\s+N×3\s+15\s+12$/m);
    expect(stdout).toContain('55 parameters, ');
    expect(stdout).toContain('input x N×8×8×1 float32');
  });

  it('inspects as JSON', async () => {
    const { stdout } = await runCli(['inspect', MODEL, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ parameters: 55, layers: { length: 4 }, alreadyQuantized: false });
  });

  it('quantizes and reports what it did', async () => {
    const { code, stderr } = await runCli(
      quantize('--report', at('r.json'), '--estimator', 'percentile', '--io', 'float32', '--sensitivity', '10'),
    );
    expect(code).toBe(0);
    expect(stderr).toContain('file in LiteRT');
    const report: Report = reportSchema.parse(JSON.parse(readFileSync(at('r.json'), 'utf8')));
    const bytes = readFileSync(at('o.tflite'));
    expect(report.size.quantized).toBe(bytes.byteLength);
    expect(report.settings).toMatchObject({
      ...DEFAULT_SETTINGS,
      io: 'float32',
      activations: { estimator: { id: 'percentile' } },
    });
    expect(report.data).toMatchObject({ samples: 60, calibrationSamples: 20, evaluationSamples: 40, seed: 42 });
    expect(report.accuracy).toMatchObject({ metric: 'top1', samples: 40 });
    expect(report.runtime).toMatchObject({ mismatches: 0, samples: 16 });
    expect(report.layers.map(({ name, bits }) => `${name} ${bits}`)).toEqual([
      'conv 8',
      'pool 8',
      'dense 8',
      'softmax 8',
    ]);
    expect(report.layers[0].accuracyDelta).toBeTypeOf('number');
    expect(Object.keys(report.timings)).toEqual([
      'openModel',
      'openData',
      'calibrate',
      'exportFile',
      'evaluate',
      'verify',
      'sensitivity',
    ]);
    const written = readTflite(new Uint8Array(bytes), 'o.tflite');
    expect(written.tensors.get(written.inputs[0])!.dtype).toBe('float32');
  });

  it.each([
    ['full', { samples: 40, of: 40, mismatches: 0 }, 'compared on all 40 samples'],
    ['3', { samples: 3, of: 40, mismatches: 0 }, 'compared on 3 of 40 samples'],
    ['off', null, 'was not verified: this was switched off'],
  ])('compares as much as --verify %s says, and says how much', async (choice, runtime, words) => {
    const { code, stderr } = await runCli(quantize('--verify', choice, '--report', at('r.json')));
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(readFileSync(at('r.json'), 'utf8')));
    if (runtime) expect(report.runtime).toMatchObject(runtime);
    else expect(report.runtime).toBeNull();
    expect(stderr).toContain(words);
  });

  it('compares one sample where the budget is used up at once, and times nothing where it is told not to', async () => {
    const studio = new Headless(true);
    try {
      await studio.run('openModel', { files: modelFiles(MODEL) });
      await studio.run('openData', {
        files: sourceFiles(DATA),
        seed: 1,
        calibrationSamples: 20,
        evaluationSamples: 40,
      });
      await studio.run('calibrate', {});
      const { bytes } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
      const spec = { file: bytes, compareSamples: 16, compareBudget: -1, untimed: true };
      expect(await studio.run('verify', spec)).toMatchObject({
        runtime: { samples: 1, of: 40 },
        file: { samples: 40 },
        latencyMs: { float: null, quantized: null },
      });
    } finally {
      studio.dispose();
    }
  });

  it('writes the same bytes for the same seed, others for another', async () => {
    const made = async (...options: string[]) => {
      await runCli(quantize('--quiet', ...options));
      return readFileSync(at('o.tflite'));
    };
    const first = await made();
    expect(await made()).toEqual(first);
    expect(await made('--seed', '7')).not.toEqual(first);
  });

  it('takes preprocessing from --input-scale and --input-mean in place of the guess', async () => {
    await runCli(quantize('--quiet', '--input-mean', '8', '--input-scale', '0.0625', '--report', at('r.json')));
    const report = reportSchema.parse(JSON.parse(readFileSync(at('r.json'), 'utf8')));
    // (x − 8) / 16
    expect(report.data.pipeline).toContainEqual({ kind: 'scale', scale: 0.0625, offset: -0.5 });
    const wrong = await runCli(quantize('--quiet', '--input-mean', '1,2', '--report', at('r.json')));
    expect(wrong).toMatchObject({ code: 1 });
  });

  it('takes rules about inputs, and refuses a rule that matches nothing', async () => {
    const { code } = await runCli(quantize('--rule', 'x:range=-0.5..0.5', '--report', at('r.json'), '--quiet'));
    expect(code).toBe(0);
    const refused = await runCli(quantize('--rule', 'none*:quantize'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('A rule matches nothing in this model') });
    expect(refused.stderr).toContain('x (input)');
  });

  it('follows rules, says which layers they are about and reports them', async () => {
    const rules = ['--rule', '@fullyConnected:weights=int4,per=tensor', '--rule', '@first:keep-float'];
    const { code, stderr } = await runCli(quantize(...rules, '--report', at('r.json')));
    expect(code).toBe(0);
    expect(stderr).toContain('Fully connected: weights INT4, weights per tensor (one place)');
    expect(stderr).toContain('0 of ');
    const report = reportSchema.parse(JSON.parse(readFileSync(at('r.json'), 'utf8')));
    expect(report.layers.map(({ name, bits, keptFloat }) => [name, bits, keptFloat !== undefined])).toEqual([
      ['conv', 32, true],
      ['pool', 8, false],
      ['dense', 4, false],
      ['softmax', 8, false],
    ]);
    expect(report.layers[2].weightScales).toHaveLength(1);
    expect(report.runtime).toMatchObject({ mismatches: 0 });
    expect(report.settings.rules).toHaveLength(2);
    const written = readTflite(new Uint8Array(readFileSync(at('o.tflite'))), 'o.tflite');
    expect([...written.tensors.values()].filter(({ dtype }) => dtype === 'int4')).toHaveLength(1);
  });

  it('says nothing when asked to be quiet', async () => {
    expect(await runCli(quantize('--quiet'))).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('quantizes what is quantized into the same codes, on the scales it came with', async () => {
    await runCli(quantize('--quiet'));
    const again = ['quantize', at('o.tflite'), '--data', DATA, '--out', at('p.tflite'), '--quiet'];
    expect(await runCli(again)).toMatchObject({ code: 0, stderr: '' });
    const [first, second] = ['o.tflite', 'p.tflite'].map((name) => readTflite(readFileSync(at(name)), name));
    const stored = ({ tensors }: typeof first) =>
      [...tensors.values()].map(({ shape, dtype, data, quant }) => ({ shape, dtype, data, quant }));
    expect(second.ops.map(({ kind }) => kind)).toEqual(first.ops.map(({ kind }) => kind));
    expect(stored(second)).toEqual(stored(first));
  });
});
