/** Quantization-aware training on the bundled sample, in the page, without a GPU. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longOf, tasksDuring } from './main-thread';
import { idle, launch, openSide, openStudio, panel, tile, verified, type Studio } from './studio';

let browser: Browser;
let studio: Studio;
let page: Page;
beforeAll(async () => {
  browser = await launch();
  studio = await openStudio(browser);
  page = studio.page;
  await verified(page);
  await idle(page);
  await page.keyboard.press('t');
  await panel(page, 'Training').or(panel(page, 'Train')).first().waitFor();
});
afterAll(async () => {
  expect(studio.problems).toEqual([]);
  await browser.close();
});

const train = () => page.getByRole('region', { name: 'Train', exact: true });
const button = (name: string) => train().getByRole('button', { name, exact: true });
const accuracy = () => tile(page, 'Accuracy').innerText();
/** Scores of float, quantized and, where there is one, trained, in percent. */
const scores = async () => [...(await accuracy()).matchAll(/([\d.]+) %/g)].map(([, share]) => Number(share));

async function set(label: string, value: string): Promise<void> {
  const field = train().getByRole('textbox', { name: label });
  await field.fill(value);
  await field.press('Enter');
  await field.blur();
}

/** Formats from the presets, evaluated. */
async function quantizeAs(preset: string): Promise<void> {
  await button(preset).click();
  await train()
    .getByText(/quantized [\d.]+ %: −/)
    .waitFor();
  await idle(page);
}

describe('training', () => {
  it('at four bits wins back what was lost; the page stays quick, and says what it bought', async () => {
    await button('W4A4').click();
    await quantizeAs('W4A4');
    const [float, quantized] = await scores();
    expect(float! - quantized!).toBeGreaterThan(10);
    await set('Epochs', '2');
    const tasks = await tasksDuring(browser, page, async () => {
      await page.keyboard.press('Shift+t');
      await train().getByRole('button', { name: 'Pause' }).waitFor();
      await train()
        .getByText(/^QAT won back [\d.]+ of [\d.]+ points lost to 4 bits; 2 epochs, \d+ s\.$/)
        .waitFor();
      await idle(page);
    });
    expect(longOf(tasks)).toEqual([]);
    const [, before, trained] = await scores();
    expect(before).toBe(quantized);
    expect(trained).toBeGreaterThan(quantized! + 5);
    const curves = train().getByRole('application', {
      name: /^Accuracy by epoch: train [\d.]+ %, validation [\d.]+ %$/,
    });
    await curves.waitFor();
    expect(await page.getByRole('grid').innerText()).toMatch(/PTQ[\s\S]*QAT/);
  });

  it('undo brings back the quantized model, redo the trained one, at once', async () => {
    const trained = await accuracy();
    await page.keyboard.press('Control+z');
    expect(await scores()).toHaveLength(2);
    expect(await accuracy()).not.toContain('outdated');
    await page.keyboard.press('Control+Shift+z');
    expect(await accuracy()).toBe(trained);
    await idle(page);
  });

  it('is offered again after a reload, and restored with what it is held against', async () => {
    const before = await scores();
    await page.reload();
    await verified(page);
    await idle(page);
    expect(await scores()).toHaveLength(2);
    await page.getByRole('tab', { name: 'Train' }).click();
    await train()
      .getByRole('button', { name: /^Restore: Trained weights of .*, W4A4$/ })
      .click();
    await train()
      .getByText(/^QAT won back/)
      .waitFor();
    await idle(page);
    expect(await scores()).toEqual(before);
    await train()
      .getByRole('application', { name: /^Accuracy by epoch/ })
      .waitFor();
    await button('Back to PTQ').click();
    await expect.poll(async () => (await scores()).length).toBe(2);
  });

  it('what a file can hold is exported, verified, and predicts what was simulated', async () => {
    await quantizeAs('W3A8');
    await verified(page);
    await set('Epochs', '2');
    await button('Train').click();
    await train()
      .getByText(/points lost to W3A8; 2 epochs, \d+ s; the file is as large\.$/)
      .waitFor();
    await verified(page);
    await idle(page);
    const [, quantized, trained] = await scores();
    expect(trained).toBeGreaterThan(quantized! + 5);
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
    const check = (await openSide(page, 'Export')).locator('.verdict-card');
    await check.locator('summary').click();
    expect(await check.innerText()).toMatch(/Predictions changed\s+\d+ of 1,000/);
    expect(await train().innerText()).toMatch(/\b\d+ predictions changed\./);
  });

  it('holds when paused, goes on, and keeps the best epoch when it is cancelled', async () => {
    await set('Epochs', '200');
    await button('Train again').click();
    await train()
      .getByText(/^epoch \d+, [\d.]+ %$/)
      .waitFor();
    await button('Pause').click();
    await page.getByRole('status').filter({ hasText: 'Paused: Training' }).waitFor();
    const step = () => train().locator('dl > div').filter({ hasText: /^Step/ }).innerText();
    // The step under way when the button was pressed still ends.
    await page.waitForTimeout(500);
    const held = await step();
    await page.getByRole('tab', { name: 'Layer' }).click();
    await panel(page, 'Output activations').getByText('range in training').waitFor();
    await page.getByRole('tab', { name: /Train/ }).click();
    expect(await step()).toBe(held);
    await button('Resume').click();
    await expect.poll(step).not.toBe(held);
    await button('Pause').click();
    await button('Cancel').click();
    await train()
      .getByText(/^Stopped\. Epoch \d+ was the best/)
      .waitFor();
    await idle(page);
    await train()
      .getByRole('button', { name: /^Keep epoch \d+ \([\d.]+ %\)$/ })
      .click();
    await verified(page);
    expect(await train().innerText()).toContain('points lost to W3A8');
  });
});
