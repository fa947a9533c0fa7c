/** Saves the figures of docs/guide: charts of the production build in dist/, in the states that the guide speaks of. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { idle, launch, openSide, openStudio, panel, verified } from '../e2e/studio';
import { decodePng } from '../src/engine/images/png';
import { ensureBrowser } from './browser.mjs';
import { palettedPng } from './paletted-png';
import { serveFolder } from './static-server.mjs';

const FOLDER = 'docs/guide';
/** The one among the samples that int8 ruins as long as channels share a scale. */
const BROKEN = 'digits-rescaled-tensor';

const done = async (page: Page) => {
  await verified(page);
  await idle(page);
};
const openSample = async (page: Page, sample: string) => {
  await page.getByRole('combobox', { name: 'Sample' }).selectOption(sample);
  await done(page);
};
const select = (page: Page, layer: string) => page.locator('tr[data-layer]').filter({ hasText: layer }).first().click();
const setting = async (page: Page, name: string, value: string) => {
  await (await openSide(page, 'Settings')).getByRole('combobox', { name, exact: true }).selectOption(value);
  await done(page);
};

/** By file: what leads to the figure, and where it then is. */
const FIGURES: Readonly<Record<string, { readonly reach: (page: Page) => Promise<unknown>; readonly at: string }>> = {
  'ranges.png': {
    reach: async (page) => {
      await openSample(page, 'digits');
      await setting(page, 'Weights as', 'int4');
      await (await openSide(page, 'Settings')).getByRole('radio', { name: 'Tensor' }).click();
      await done(page);
      await select(page, 'conv');
      await page.keyboard.press('r');
    },
    at: '#view [data-kind="weights"]',
  },
  'layers.png': { reach: (page) => openSample(page, BROKEN), at: '.charts' },
  'errors.png': {
    reach: async (page) => {
      await page.getByRole('tab', { name: /^Diagnose/ }).click();
      await panel(page, 'Diagnosis').getByRole('button', { name: 'Save as JSON' }).waitFor();
      await idle(page);
    },
    at: '#view .finding',
  },
};

process.env.CHROMIUM_PATH = ensureBrowser();
const server = await serveFolder('dist', 0);
process.env.STUDIO_URL = server.url;
const browser = await launch();
// Tall enough for all of a layer: what is scrolled lies under the layer's header.
const { page } = await openStudio(browser, { width: 1440, height: 2000, query: '?sample=none' });
for (const [name, { reach, at }] of Object.entries(FIGURES)) {
  await reach(page);
  // Charts are drawn when the page has nothing else to do.
  const figure = page.locator(at).first();
  await figure.locator('svg').first().waitFor();
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  const picture = palettedPng(decodePng(await figure.screenshot({ animations: 'disabled' })));
  writeFileSync(join(FOLDER, name), picture);
  console.log(`${join(FOLDER, name)}: ${picture.length} bytes`);
}
await browser.close();
await server.close();
