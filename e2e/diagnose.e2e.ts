/** From a model that lost its accuracy to the reason, and to the fix: on the sample that is made to fail. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diagnosisReportSchema } from '../src/jobs/reports/diagnosis-report';
import { runCli } from '../src/testing/builders/cli';
import { longOf, tasksDuring } from './main-thread';
import { downloaded, idle, launch, openStudio, panel, tile, verified, type Studio } from './studio';

/** One weight scale a tensor for channels of very unequal range: what an accelerator without scales per channel would get. */
const SICK = 'digits-rescaled-tensor';

const findings = (page: Page) =>
  panel(page, 'Findings')
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading') });
const percents = (text: string) => (text.match(/[\d.]+(?= %)/g) ?? []).map(Number);

/** This sample opens on its diagnosis. */
async function diagnosed(page: Page): Promise<void> {
  await panel(page, 'Diagnosis').getByRole('button', { name: 'Save as JSON' }).waitFor();
}

describe('a model that collapsed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rangefinder-'));
  let browser: Browser;
  let studio: Studio;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
    studio = await openStudio(browser, { query: `?sample=${SICK}` });
    page = studio.page;
    await verified(page);
    await idle(page);
    await diagnosed(page);
  });
  afterAll(async () => {
    expect(studio.problems).toEqual([]);
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  const accuracy = async () => percents(await tile(page, 'Accuracy').innerText());

  it('has a finding on top that says why, with its evidence and what would help', async () => {
    const [float, quantized] = await accuracy();
    expect(float! - quantized!).toBeGreaterThan(30);
    const first = await findings(page).first().innerText();
    expect(first).toContain('One channel takes the scale of all');
    expect(first).toMatch(/costs nearly all of the output’s error/);
    expect(first).toMatch(/Codes left to it\s+[\d.]+/);
    const effects = panel(page, 'Findings').locator('.fixes').first().getByRole('listitem');
    const [before, after] = percents(await effects.filter({ hasText: 'Equalize channels' }).innerText());
    expect(after! - before!).toBeGreaterThan(30);
  });

  it('has the diagnosis that the command line makes', async () => {
    const save = panel(page, 'Diagnosis').getByRole('button', { name: 'Save as JSON' });
    const { name, bytes } = await downloaded(page, save);
    expect(name).toBe('digits.diagnosis.json');
    const samples = join(import.meta.dirname, '../public/samples');
    const out = join(folder, 'd.json');
    const argv = [
      'diagnose',
      join(samples, 'digits-rescaled/model/model.json'),
      '--data',
      join(samples, 'digits/digits.npz'),
    ];
    expect(await runCli([...argv, '--granularity', 'tensor', '--report', out, '--quiet'])).toMatchObject({ code: 0 });
    // Logarithms differ in the last digit between versions of JavaScript engines.
    const read = (text: string) =>
      diagnosisReportSchema.parse(
        JSON.parse(text, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value)),
      );
    const ours = read(new TextDecoder().decode(bytes));
    const theirs = read(readFileSync(out, 'utf8'));
    expect(ours).toEqual(theirs);
  });

  it('shows where every layer’s error comes from', async () => {
    const rows = panel(page, 'Where errors come from').getByRole('row');
    expect(await rows.count()).toBe(1 + 1 + 12); // heading, input, layers
    const bars = panel(page, 'Where errors come from').getByRole('cell').getByRole('img');
    const words = await bars.evaluateAll((all) => all.map((bar) => bar.getAttribute('aria-label')!));
    // What comes in is rounded; what the first layer's weights do is carried on to the last.
    expect(words[0]).toMatch(/^rounding 100 %/);
    expect(words.at(-1)).toMatch(/^propagated \d+ %/);
    expect(words.some((text) => text.includes('weights'))).toBe(true);
  });

  it('measures layers on demand, the other way round, and shows the layer that is chosen', async () => {
    const sensitivity = panel(page, 'Sensitivity of the layers');
    await sensitivity.getByRole('radio', { name: 'All but one' }).click();
    await sensitivity.getByText('Not measured yet').waitFor();
    await sensitivity.getByRole('button', { name: 'Start' }).click();
    await sensitivity.getByText('12 layers on 256 samples').waitFor();
    const gains = (await sensitivity.getByRole('row').allInnerTexts()).slice(1).map((row) => parseFloat(/[+−]?[\d.]+(?= dB)/.exec(row)![0].replace('−', '-'))); // prettier-ignore
    expect(gains).toEqual([...gains].sort((a, b) => b - a));
    expect(gains[0]).toBeGreaterThan(1);
    await sensitivity.getByRole('radio', { name: 'Score' }).click();
    const worst = sensitivity.getByRole('row').nth(1).getByRole('button');
    const name = (await worst.innerText()).trim();
    await worst.click();
    await panel(page, `Layer ${name}`).waitFor();
    expect(await panel(page, 'Diagnosis of this layer').innerText()).toMatch(/Error [\d.−]+ dB/);
    await panel(page, 'Diagnosis of this layer').getByRole('button').first().click(); // a finding leads back
    await panel(page, 'Diagnosis').waitFor();
  });

  it('is cured by one key press: accuracy comes back, undo takes it away again', async () => {
    const fix = panel(page, 'Findings').getByRole('button', { name: 'Equalize channels' }).first();
    await fix.focus();
    await page.keyboard.press('Enter');
    const applied = panel(page, 'Fix applied');
    await expect.poll(async () => percents(await applied.innerText()).length).toBe(2);
    const [before, after] = percents(await applied.innerText());
    expect(after! - before!).toBeGreaterThan(30);
    await verified(page);
    await idle(page);
    const [float, file] = await accuracy();
    expect(float! - file!).toBeLessThanOrEqual(1);
    expect(await panel(page, 'Findings').getByText('Severe').count()).toBe(0);
    await page.keyboard.press('Control+z');
    await applied.waitFor({ state: 'detached' });
    await verified(page);
    await idle(page);
    expect(await findings(page).first().innerText()).toContain('One channel takes the scale of all');
  });
});

describe('the main thread', () => {
  it('is never blocked over 50 ms while a diagnosis comes in, fix by fix', async () => {
    const browser = await launch();
    const { page } = await openStudio(browser, { query: '?sample=none' });
    await idle(page);
    const tasks = await tasksDuring(browser, page, async () => {
      await page.getByRole('combobox', { name: 'Sample' }).selectOption(SICK);
      await verified(page);
      await diagnosed(page);
      await idle(page);
    });
    expect(tasks.length).toBeGreaterThan(20);
    expect(longOf(tasks)).toEqual([]);
    await browser.close();
  });
});
