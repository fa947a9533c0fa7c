/** For everybody, on every screen, without a hitch. */
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundled } from '../scripts/bundle';
import { sidewaysScroll, violations } from './accessibility';
import { longOf, tasksDuring } from './main-thread';
import {
  clipHandle,
  idle,
  launch,
  openSide,
  openStudio,
  panel,
  studioUrl,
  verified,
  type OpenOptions,
  type Studio,
} from './studio';

const SCREENS: readonly (OpenOptions & { readonly name: string })[] = [
  { name: 'a desk, light', dark: false },
  { name: 'a desk, dark', dark: true },
  { name: 'a laptop, light', width: 1366, height: 768, dark: false },
  { name: 'a phone, light', width: 390, height: 844, dark: false },
  { name: 'a phone, dark', width: 390, height: 844, dark: true },
];

let browser: Browser;
let worker: string;
beforeAll(async () => {
  browser = await launch();
  worker = await bundled(resolve(import.meta.dirname, 'fake-worker-page.ts'), 'worker');
});
afterAll(() => browser.close());

/** The built page in a real browser, on the worker that has every answer at hand: looks cost no engine. */
describe.each(SCREENS)('on $name', (screen) => {
  let studio: Studio;
  let page: Page;
  const open = async (query: string) => {
    studio = await openStudio(browser, { ...screen, query, worker });
    page = studio.page;
    await idle(page);
  };
  afterEach(async () => {
    expect(studio.problems).toEqual([]);
    await studio.close();
  });

  /** Nothing to scroll sideways, nothing that hinders. */
  const fine = async (state: string) => {
    expect(await sidewaysScroll(page), `pixels to scroll sideways: ${state}`).toBe(0);
    expect(await violations(page), state).toEqual([]);
  };
  /** Where one part of the page is shown at a time, goes to that part first. */
  const place = async (name: 'Layers' | 'Layer' | 'Data' | 'Export') => {
    if (screen.width === 390) await page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  };
  const view = async (name: string) => {
    // The tabs of the other views stand above the layer.
    await place('Layer');
    await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
  };
  const side = async (name: 'Data' | 'Settings' | 'Export') => {
    await place('Data');
    await openSide(page, name);
  };

  it('empty, and with an error', async () => {
    await open('?sample=none');
    await fine('empty');
    await page.route('**/missing.tflite', (route) => route.fulfill({ status: 404 }));
    await page.keyboard.press('u');
    await fine('an address being asked for');
    await page.getByRole('textbox', { name: 'Address' }).fill(`${studioUrl()}missing.tflite`);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await fine('with an error');
    // The browser says by itself that the file is missing.
    studio.problems.splice(0);
  });

  it('with a result: every view, every part', async () => {
    await open('');
    await verified(page);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(screen.dark ? 'dark' : 'light');
    await fine('done');
    for (const name of ['Diagnose', 'Improve', 'Cost']) {
      await view(name);
      await page.locator('#view .panel').first().waitFor();
      if (name === 'Diagnose') await panel(page, 'Diagnosis').getByRole('button', { name: 'Save as JSON' }).waitFor();
      await idle(page);
      await fine(name);
    }
    for (const name of ['Data', 'Settings', 'Export'] as const) {
      await side(name);
      await fine(name);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await fine('shortcuts');
  });

  it('training, paused and done', async () => {
    await open('');
    await verified(page);
    await view('Train');
    const train = page.getByRole('region', { name: 'Train', exact: true });
    const button = (name: string) => train.getByRole('button', { name, exact: true });
    await button('W3A8').click();
    await train.getByText('More settings').click();
    await verified(page);
    await idle(page);
    await fine('before training');
    const epochs = train.getByRole('textbox', { name: 'Epochs' });
    await epochs.fill('1000');
    await epochs.press('Enter');
    await button('Train').click();
    await train.getByText(/^epoch \d+, [\d.]+ %$/).waitFor();
    await button('Pause').click();
    await train.getByText('Paused').waitFor();
    await fine('paused');
    await button('Resume').click();
    await train.getByRole('button', { name: 'Pause' }).waitFor();
    await button('Cancel').click();
    await train.getByRole('button', { name: /^Keep epoch/ }).click();
    await train.getByText(/points lost to W3A8; /).waitFor();
    await verified(page);
    await idle(page);
    await fine('trained');
    await place('Layer');
    await page.getByRole('tab', { name: 'Layer' }).click();
    await panel(page, 'Output activations').waitFor();
    await fine('a layer, trained');
  });

  it('with a front, a rule being written and layers selected', async () => {
    await open('');
    await verified(page);
    await view('Mix');
    const mix = panel(page, 'Mixed precision');
    await mix.getByRole('button', { name: 'Search' }).click();
    await mix.getByText('configurations measured').waitFor();
    await mix.locator('.front-point').first().click();
    await fine('a front');
    await side('Settings');
    await panel(page, 'Rules').getByRole('radio', { name: 'INT8' }).click();
    await panel(page, 'Rules').getByRole('button', { name: 'Add' }).click();
    await panel(page, 'Rules').getByRole('form').waitFor();
    await fine('a rule');
    await place('Layers');
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.locator('tr[data-layer]').nth(1).click();
    await page.locator('tr[data-layer]').nth(2).click();
    await page.getByText('2 selected').waitFor();
    await fine('layers being selected');
    await place('Layer');
    await page.getByRole('region', { name: '2 layers together' }).waitFor();
    await fine('layers together');
  });
});

describe('the main thread', () => {
  it('is never blocked over 50 ms while jobs run, from the first one to the last, and while a handle is dragged', async () => {
    const { page, close } = await openStudio(browser, { query: '?sample=none' });
    await idle(page);
    const tasks = await tasksDuring(browser, page, async () => {
      await page.getByRole('combobox', { name: 'Sample' }).selectOption('digits');
      await verified(page);
      await idle(page);
      const handle = (await clipHandle(page, 'Output activations', 'upper').boundingBox())!;
      const plot = (await panel(page, 'Output activations').boundingBox())!;
      await page.mouse.move(handle.x + handle.width / 2, handle.y + 60);
      await page.mouse.down();
      for (let i = 1; i <= 40; i++) await page.mouse.move(handle.x - (i * plot.width) / 60, handle.y + 60);
      await page.mouse.up();
      await verified(page);
      await idle(page);
    });
    expect(tasks.length).toBeGreaterThan(100);
    expect(longOf(tasks)).toEqual([]);
    // A trace that could not tell would not tell this one either.
    const [slow] = await tasksDuring(browser, page, () =>
      page.evaluate(() => {
        const until = performance.now() + 120;
        while (performance.now() < until);
      }),
    );
    expect(slow!.wallMs).toBeGreaterThan(100);
    expect(slow!.cpuMs).toBeGreaterThan(20);
    await close();
  });

  it('is not blocked either while a search draws its front and layers are changed together', async () => {
    const { page, close } = await openStudio(browser);
    await verified(page);
    await idle(page);
    const tasks = await tasksDuring(browser, page, async () => {
      await page.getByRole('tab', { name: 'Mix' }).click();
      const mix = panel(page, 'Mixed precision');
      await mix.getByRole('radio', { name: 'Output SQNR' }).click();
      await mix.getByRole('textbox', { name: 'Configurations at most' }).fill('40');
      await page.keyboard.press('Enter');
      await mix.getByRole('button', { name: 'Search' }).click();
      await mix.getByText('configurations measured').waitFor({ timeout: 60_000 });
      await mix.getByRole('button', { name: 'Use', exact: true }).first().click();
      await page
        .locator('tr[data-layer]')
        .nth(1)
        .click({ modifiers: ['Control'] });
      await page.getByRole('region', { name: '2 layers together' }).getByRole('radio', { name: 'Float' }).click();
      await verified(page);
    });
    expect(tasks.length).toBeGreaterThan(50);
    expect(longOf(tasks)).toEqual([]);
    await close();
  });

  it('does what is asked for by hand in both themes', async () => {
    const { page, close } = await openStudio(browser, { query: '?sample=none' });
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    expect(await theme()).toBe('light');
    await page.getByRole('button', { name: /^Theme/ }).click();
    expect(await theme()).toBe('dark');
    await page.reload();
    await expect.poll(theme).toBe('dark');
    await close();
  });
});
