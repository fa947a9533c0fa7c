/** The examples of docs/library.md, run as they stand there, on the bundled digits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as library from './rangefinder';

const ROOT = join(import.meta.dirname, '../..');
const DIGITS = join(ROOT, 'public/samples/digits');

const examples = [...readFileSync(join(ROOT, 'docs/library.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
  ([, code]) => code,
);

/** Runs an example: its imports are handed in, its paths lead to the bundled sample, what it prints is given back. */
async function run(example: string): Promise<{ printed: unknown[][]; written: Map<string, Uint8Array> }> {
  const printed: unknown[][] = [];
  const written = new Map<string, Uint8Array>();
  const names = ['quantize', 'openModel', 'DEFAULT_SETTINGS', 'RangefinderError', 'writeFileSync', 'console'];
  const body = example
    .replace(/^import .*$/gm, '')
    .replaceAll("'model.json'", JSON.stringify(join(DIGITS, 'model/model.json')))
    .replaceAll("'digits.npz'", JSON.stringify(join(DIGITS, 'digits.npz')));

  // The example is the project's own text.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const main = new Function(...names, `return (async () => {${body}})()`) as (...values: unknown[]) => Promise<void>;
  const { quantize, openModel, DEFAULT_SETTINGS, RangefinderError } = library;
  const write = (name: string, bytes: Uint8Array) => written.set(name, bytes);
  const log = { log: (...values: unknown[]) => printed.push(values) };
  await main(quantize, openModel, DEFAULT_SETTINGS, RangefinderError, write, log);
  return { printed, written };
}

describe('the examples of the documentation', () => {
  it('from a model and data to a file that LiteRT runs', async () => {
    const { printed, written } = await run(examples[0]);
    const [[metric, float, file]] = printed as [[string, number, number]];
    expect(metric).toMatch(/top1|accuracy/);
    expect(float).toBeGreaterThan(0.96);
    expect(Math.abs(float - file)).toBeLessThan(0.01);
    const [[, bytes]] = [...written] as [[string, Uint8Array]];
    expect(new TextDecoder().decode(bytes.subarray(4, 8))).toBe('TFL3');
  });

  it('one model under two settings, and no tensor is left when it is closed', async () => {
    const before = memory().numTensors;
    const { printed } = await run(examples[1]);
    const [[layers, perTensor, perChannel]] = printed as [[number, number, number]];
    expect(layers).toBe(12);
    for (const accuracy of [perTensor, perChannel]) expect(accuracy).toBeGreaterThan(0.95);
    expect(memory().numTensors).toBe(before);
  });

  it('an error that says what to do', async () => {
    const { printed } = await run(examples[2]);
    expect(printed).toEqual([['missing-file', 'Check the path.']]);
  });
});

it('says to open data first', async () => {
  const model = await library.openModel(join(DIGITS, 'model/model.json'));
  await expect(model.quantize()).rejects.toThrow('Open data first');
  model.close();
});
