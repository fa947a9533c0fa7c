/** Mixed precision: searched for while one watches, stopped, tried and taken back. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downloaded, idle, launch, openSide, openStudio, panel, verified } from './studio';

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());

describe('the search for mixed precision', () => {
  it('draws what it finds, stops with all of it, and every point can be used, undone and used again', async () => {
    const { page, problems, close } = await openStudio(browser);
    await verified(page);
    await idle(page);
    await page.getByRole('tab', { name: 'Mix' }).click();
    const mix = panel(page, 'Mixed precision');
    await mix.getByRole('radio', { name: 'Output SQNR' }).click();
    await mix.getByRole('textbox', { name: 'Configurations at most' }).fill('5000');
    await page.keyboard.press('Enter');
    await mix.getByRole('button', { name: 'Search' }).click();
    const points = mix.locator('.front-point');
    await expect.poll(() => points.count()).toBeGreaterThan(4);
    await mix.getByRole('button', { name: 'Stop' }).click();
    await mix.getByText(/^Stopped after \d+ of 59,049 configurations/).waitFor();
    const count = await points.count();
    expect(await mix.getByRole('row').count()).toBe(count + 1);

    // By keyboard: one point is in the tab order, arrows move along, Enter uses it.
    await points.nth(count - 1).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const used = points.nth(1);
    await expect.poll(() => used.getAttribute('aria-pressed')).toBe('true');
    await mix.getByText('samples that the search never saw').waitFor();
    await mix.getByText(/% on 1,000 samples that the search never saw/).waitFor();
    // The file has the size that was promised.
    const promised = /^([\d.]+ kB)/.exec((await used.getAttribute('aria-label'))!)![1]!;
    await openSide(page, 'Export');
    await page.getByRole('button', { name: `Download .tflite (${promised})` }).waitFor();

    await page.keyboard.press('Control+z');
    await expect.poll(() => used.getAttribute('aria-pressed')).toBe('false');
    await points.nth(0).click();
    await expect.poll(() => points.nth(0).getAttribute('aria-pressed')).toBe('true');

    const { name, bytes } = await downloaded(page, mix.getByRole('button', { name: 'Front as CSV' }));
    expect(name).toBe('pareto-front.csv');
    const lines = new TextDecoder().decode(bytes).trim().split('\n');
    expect(lines).toHaveLength(count + 1);
    expect(lines[0]!.split(',')).toHaveLength(16);
    expect(problems).toEqual([]);
    await close();
  });

  it('asks for two formats at least, and offers those that no file holds when it is told to', async () => {
    const { page, close } = await openStudio(browser);
    await verified(page);
    await page.getByRole('tab', { name: 'Mix' }).click();
    const mix = panel(page, 'Mixed precision');
    const box = (name: string) => mix.getByRole('checkbox', { name, exact: true });
    expect(await box('FP8').isDisabled()).toBe(true);
    await box('INT4').uncheck();
    await box('Float').uncheck();
    await mix.getByText('Tick at least two formats').waitFor();
    expect(await mix.getByRole('button', { name: 'Search' }).isDisabled()).toBe(true);
    await mix.getByRole('switch').uncheck();
    await box('FP8').check();
    expect(await mix.getByRole('button', { name: 'Search' }).isDisabled()).toBe(false);
    await close();
  });
});
