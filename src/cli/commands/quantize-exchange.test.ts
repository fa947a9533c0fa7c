import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENCODINGS } from '../../core/exchange/table';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { runCli } from '../../testing/builders/cli';
import { linesGraph, linesNpz } from '../../testing/builders/small-model';

const folder = mkdtempSync(join(tmpdir(), 'rangefinder-'));
const at = (name: string) => join(folder, name);
const json = (name: string): unknown => JSON.parse(readFileSync(at(name), 'utf8'));

beforeAll(() => {
  writeFileSync(at('lines.tflite'), writeTflite(linesGraph()));
  writeFileSync(at('lines.npz'), linesNpz(60));
});
afterAll(() => rmSync(folder, { recursive: true }));

const quantize = (out: string, ...options: string[]) =>
  runCli([
    ...['quantize', at('lines.tflite'), '--data', at('lines.npz'), '--calibrate', '20', '--evaluate', '10'],
    ...['--out', at(out), ...options],
  ]);

describe('encodings of the command line', () => {
  it.each(ENCODINGS.map(({ id }) => id))(
    '%s: a model is quantized again by the encodings it was written with',
    async (id) => {
      const first = await quantize('a.tflite', '--estimator', 'percentile', '--encodings-out', at(`${id}.json`), '--encodings-format', id); // prettier-ignore
      expect(first).toMatchObject({ code: 0 });
      const again = await quantize('b.tflite', '--recipe', at(`${id}.json`), '--encodings-out', at('again.json'), '--encodings-format', id); // prettier-ignore
      expect(again).toMatchObject({ code: 0 });
      expect(again.stderr).not.toContain('left out');
      expect(again.stderr).not.toContain('of 0 tensors');
      const { read } = ENCODINGS.find((row) => row.id === id)!;
      const [wanted, got] = [read(json(`${id}.json`)).encodings, read(json('again.json')).encodings];
      expect(got.map(({ tensor, bits, zeroPoint, axis }) => ({ tensor, bits, zeroPoint, axis }))).toEqual(
        wanted.map(({ tensor, bits, zeroPoint, axis }) => ({ tensor, bits, zeroPoint, axis })),
      );
      wanted.forEach(({ scale }, i) =>
        scale.forEach((s, c) => expect(Math.abs(got[i].scale[c] / s - 1)).toBeLessThan(1e-6)),
      );
    },
  );

  it('figures of layers are written for Model Explorer', async () => {
    expect(await quantize('c.tflite', '--encodings-out', at('nodes.json'), '--encodings-format', 'node-data')).toMatchObject({ code: 0 }); // prettier-ignore
    const { graphsData } = json('nodes.json') as { graphsData: Record<string, { results: Record<string, { value: number }> }> }; // prettier-ignore
    const values = Object.values(graphsData).flatMap(({ results }) => Object.values(results));
    expect(values.length).toBeGreaterThan(0);
    for (const { value } of values) expect(value).toBeGreaterThan(10);
  });
});

describe('recipes of the command line', () => {
  it('leave in float what they say', async () => {
    writeFileSync(at('recipe.json'), JSON.stringify([{ regex: '.*', operation: '*', algorithm_key: 'no_quantize' }]));
    const { code, stderr } = await quantize('d.tflite', '--recipe', at('recipe.json'));
    expect({ code, float: stderr.includes('float: ') }).toEqual({ code: 0, float: true });
  });

  it('are refused by name', async () => {
    writeFileSync(at('other.json'), '{"a": 1}');
    const { code, stderr } = await quantize('e.tflite', '--recipe', at('other.json'));
    expect(code).toBe(1);
    expect(stderr).toContain('neither a recipe, nor encodings, nor settings');
  });
});
