/** The page as somebody finds it who has nothing at hand: a sample, taken through the whole job unasked. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportSchema, type Report } from '../src/jobs/reports/report';
import { runCli } from '../src/testing/builders/cli';
import { slowdown } from './machine';
import { downloaded, idle, launch, openSide, openStudio, tile, verified, type Studio } from './studio';

/** On a machine that has nothing else to do. */
const FIRST_RESULT_MS = 10_000;

describe('the page opens on the bundled sample', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rangefinder-'));
  let browser: Browser;
  let studio: Studio;
  let elapsed = Infinity;
  let limit = FIRST_RESULT_MS;

  beforeAll(async () => {
    browser = await launch();
    const before = slowdown();
    const started = performance.now();
    studio = await openStudio(browser);
    await verified(studio.page);
    elapsed = performance.now() - started;
    limit *= Math.max(before, slowdown());
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it('and shows a verified file within 10 s, exact on every tensor', async () => {
    expect(elapsed).toBeLessThan(limit);
    const { page } = studio;
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
    const [float, file] = (await tile(page, 'Accuracy').innerText()).match(/[\d.]+(?= %)/g)!.map(Number);
    expect(float).toBeGreaterThan(96);
    expect(float).toBeLessThan(99);
    expect(Math.abs(file! - float!)).toBeLessThan(1);
  });

  it('with SQNR and accuracy change of every layer', async () => {
    const { page } = studio;
    await idle(page);
    const rows = await page.getByRole('grid', { name: 'Layers of the model' }).locator('tbody tr').allInnerTexts();
    expect(rows.length).toBe(12);
    for (const row of rows) {
      expect(row).toMatch(/[\d.]+ dB/);
      expect(row).toMatch(/[\d.]+ pt/);
    }
  });

  it('and offers the very file, and the very figures, that the command line makes', async () => {
    const { page } = studio;
    const out = join(folder, 'digits.tflite');
    const report = join(folder, 'digits.json');
    const samples = join(import.meta.dirname, '../public/samples/digits');
    const argv = ['quantize', join(samples, 'model/model.json'), '--data', join(samples, 'digits.npz'), '--quiet'];
    const source = join(folder, 'digits.cc');
    const outputs = ['--out', out, '--report', report, '--c-source', source];
    expect(await runCli([...argv, ...outputs])).toMatchObject({ code: 0, stderr: '' });

    const exported = await openSide(page, 'Export');
    const file = await downloaded(page, exported.getByRole('button', { name: /Download \.tflite/ }));
    expect(file.name).toMatch(/_int8\.tflite$/);
    expect(Buffer.from(file.bytes).equals(readFileSync(out))).toBe(true);

    const array = await downloaded(page, exported.getByRole('button', { name: 'C array' }));
    expect(array.name).toBe(file.name.replace('.tflite', '.cc'));
    expect(new TextDecoder().decode(array.bytes)).toBe(readFileSync(source, 'utf8'));

    const saved = await downloaded(page, exported.getByRole('button', { name: 'Report', exact: true }));
    const ours: Report = reportSchema.parse(JSON.parse(new TextDecoder().decode(saved.bytes)));
    const theirs: Report = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')));
    expect(ours.accuracy).toEqual(theirs.accuracy);
    expect(ours.size).toEqual(theirs.size);
    expect(ours.settings).toEqual(theirs.settings);
    expect(ours.data).toEqual(theirs.data);
    expect(ours.layers.map(({ accuracyDelta: _, ...layer }) => layer)).toEqual(theirs.layers);
    expect(ours.runtime).toMatchObject({ mismatches: 0, elements: theirs.runtime!.elements });
  });

  it('without an error on the console', () => expect(studio.problems).toEqual([]));
});
