/** Without a network, and over a reload: what the page keeps is there. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downloaded, launch, openSide, openStudio, tile, verified } from './studio';

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());

describe('a page that was open once', () => {
  it('opens offline and does the main job: quantized otherwise, verified, downloaded', async () => {
    const { page, close } = await openStudio(browser);
    await verified(page);
    await page.getByText('works offline').waitFor({ timeout: 60_000 });
    await page.context().setOffline(true);
    await page.reload();
    await verified(page);
    await (await openSide(page, 'Settings')).getByRole('radio', { name: 'Tensor' }).click();
    const { name, bytes } = await downloaded(page, page.getByRole('button', { name: 'Download', exact: true }));
    expect(name).toBe('digits_int8.tflite');
    expect(bytes.length).toBeGreaterThan(10_000);
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
    await close();
  });

  it('offers the work of before a reload, and takes it up', async () => {
    const { page, close } = await openStudio(browser);
    await verified(page);
    await (await openSide(page, 'Settings')).getByRole('radio', { name: 'Tensor' }).click();
    await verified(page);
    await page.getByRole('tab', { name: 'Runs' }).getByText('2').waitFor();
    await page.waitForFunction(async () => {
      const databases = await indexedDB.databases();
      return databases.some(({ name }) => name === 'rangefinder-work');
    });
    await page.reload();
    await page.getByRole('button', { name: 'Restore' }).click();
    await verified(page);
    const settings = await openSide(page, 'Settings');
    expect(await settings.getByRole('radio', { name: 'Tensor' }).getAttribute('aria-checked')).toBe('true');
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await settings.getByRole('radio', { name: 'Channel' }).getAttribute('aria-checked')).toBe('true');
    await close();
  });
});
