import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { canonicalJson } from '../../base/canonical-json';
import { runCli } from '../../testing/builders/cli';
import { linesGraph, linesNpz } from '../../testing/builders/small-model';
import { nodeHost } from '../node-host';
import { readTrial } from '../sweep/read-trial';
import { TrialRunner } from '../sweep/trial-runner';

const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
const at = (...names: string[]) => join(folder, ...names);

const PLAN = {
  sweep: 1,
  name: 'lines',
  models: [{ model: 'lines.tflite', data: 'lines.npz', calibrate: 20, evaluate: 30 }],
  vary: { weights: ['int8', 'int4', 'fp8-e4m3fn'], estimator: ['minmax', 'mse'] },
  targets: ['ethos-u55'],
};

beforeAll(() => {
  writeFileSync(at('lines.tflite'), writeTflite(linesGraph()));
  writeFileSync(at('lines.npz'), linesNpz(60));
  writeFileSync(at('plan.json'), JSON.stringify(PLAN));
});
afterAll(() => rmSync(folder, { recursive: true }));

const results = () =>
  existsSync(at('out', 'results')) ? readdirSync(at('out', 'results')).filter((name) => name.length === 69) : [];

describe('rangefinder sweep', () => {
  // Real processes, which take seconds to start: it is what a sweep is trusted for.
  it('goes on where it was stopped, does nothing twice, and reports what one process alone would', async () => {
    const argv = ['sweep', at('plan.json'), '--out', at('out'), '--workers', '1'];
    const stopped = runCli(argv);
    await expect.poll(() => results().length, { timeout: 100_000, interval: 5 }).toBeGreaterThan(0);
    process.emit('SIGINT');
    expect(await stopped).toMatchObject({ code: 1, stderr: expect.stringContaining('same command again') });
    const before = results().length;
    const { code, stdout, stderr } = await runCli(argv);
    expect(code).toBe(0);
    expect(stderr.match(/^ {2}\d+: lines/gm) ?? []).toHaveLength(6 - before);
    const keys = readFileSync(at('out', 'log.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { key: string }).key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(stdout).toMatch(/^lines: 6 configurations, float/);
    expect(stdout).toMatch(/FP8 E4M3FN.*no file/);

    const alone = new TrialRunner(nodeHost(), { root: null });
    for (const name of results()) {
      const trial = readTrial(JSON.parse(readFileSync(at('out', 'trials', name), 'utf8')), name);
      const { report } = await alone.run(trial);
      expect(readFileSync(at('out', 'results', name), 'utf8')).toBe(`${canonicalJson(report)}\n`);
    }
    alone.dispose();
  });

  it('reports as a page, and has one trial of the folder done again for its file', async () => {
    expect(await runCli(['sweep', 'report', at('out'), '--html', at('r.html')])).toMatchObject({ code: 0 });
    expect(readFileSync(at('r.html'), 'utf8')).toContain('<h1>lines</h1>');
    const key = results()
      .map((name) => JSON.parse(readFileSync(at('out', 'results', name), 'utf8')) as { key: string; name: string })
      .find(({ name }) => name === 'W8A8, mse')!.key;
    expect(await runCli(['work', at('out'), '--trial', key, '--out', at('best.tflite')])).toMatchObject({ code: 0 });
    expect(readFileSync(at('best.tflite')).subarray(4, 8).toString()).toBe('TFL3');
  });

  it('writes an array for Slurm of what is missing', async () => {
    const argv = ['sweep', at('plan.json'), '--out', at('slurm'), '--slurm', at('array.sh')];
    expect((await runCli(argv)).stdout).toContain('an array of 6 trials');
    expect(readFileSync(at('array.sh'), 'utf8')).toMatch(/^#SBATCH --array=1-6$/m);
    expect(readFileSync(at('slurm', 'slurm-trials.txt'), 'utf8').trim().split('\n')).toHaveLength(6);
  });

  it.each([
    ['a plan that is none', '{"sweep": 1}', /is no plan of a sweep[\s\S]*models/],
    ['a file that is no JSON', '{', /The plan is no JSON/],
    [
      'a model that is not there',
      JSON.stringify({ ...PLAN, models: [{ model: 'no.tflite', data: 'random' }] }),
      /no such file/,
    ],
  ])('refuses %s', async (_, text, words) => {
    writeFileSync(at('bad.json'), text);
    const { code, stderr } = await runCli(['sweep', at('bad.json'), '--out', at('bad')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(words);
  });

  it('tells that a worker needs a queue or a folder', async () => {
    expect(await runCli(['work'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--queue URL or the FOLDER'),
    });
  });
});
