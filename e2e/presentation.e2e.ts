/** For everybody, on every screen, without a hitch. */
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundled } from '../scripts/bundle';
import { documentScroll, sidewaysScroll, violations } from './accessibility';
import { longOf, tasksDuring } from './main-thread';
import { clipHandle, idle, launch, openSide, openStudio, panel, studioUrl, verified, type Studio } from './studio';

const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/** What a laptop of 1440 pixels shows at 200 %. */
const ZOOMED = { width: 720, height: 450 };
const LAPTOP = { width: 1366, height: 768 };
/** All that three columns are made for. */
const SCREENS = [
  { width: 1280, height: 720 },
  LAPTOP,
  DESK,
  { width: 1920, height: 1080 },
  { width: 2560, height: 1440 },
];

let browser: Browser;
let worker: string;
beforeAll(async () => {
  browser = await launch();
  worker = await bundled(resolve(import.meta.dirname, 'fake-worker-page.ts'), 'worker');
});
afterAll(() => browser.close());

/**
 * The built page in a real browser, on the worker that has every answer at hand: looks cost no engine. One journey leads
 * through its states; each is looked at in both themes, on every screen, on a phone and at 200 %.
 */
describe('the page', () => {
  let studio: Studio;
  let page: Page;
  beforeAll(async () => {
    studio = await openStudio(browser, { ...DESK, query: '?sample=none', worker });
    page = studio.page;
    await idle(page);
  });
  afterAll(() => studio.close());
  // What one test leaves behind where it fails is no reason for the others to fail.
  beforeEach(async () => {
    await page.setViewportSize(DESK);
    await page.keyboard.press('Escape');
  });

  const theme = (name: 'light' | 'dark') =>
    page.evaluate((chosen) => void (document.documentElement.dataset.theme = chosen), name);

  /** Charts follow the width of their place a moment later. */
  const fits = async (state: string, size: { readonly width: number; readonly height: number }) => {
    await page.setViewportSize(size);
    const wider = `${state}, pixels wider than ${size.width}`;
    await expect.poll(() => sidewaysScroll(page), { message: wider }).toBe(0);
  };

  /**
   * Nothing to scroll sideways, nothing that hinders, whichever way it is looked at.
   * @param find goes on a phone to the part that the state is about; by default the view in the middle
   */
  const fine = async (state: string, find: () => Promise<void> = async () => {}) => {
    expect(await violations(page), state).toEqual([]);
    await fits(state, LAPTOP);
    expect(await documentScroll(page), `${state}, pixels longer than a laptop`).toBe(0);
    await fits(state, ZOOMED);
    await theme('dark');
    await fits(state, PHONE);
    await find();
    await fits(state, PHONE);
    expect(await violations(page, 'color-contrast'), `${state}, dark, on a phone`).toEqual([]);
    await theme('light');
    await page.setViewportSize(DESK);
  };

  /** On a phone one part is shown at a time. */
  const bar = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();
  const view = async (name: string) => {
    await page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
    await page.locator('#view :is(.panel, .detail)').first().waitFor();
  };

  it('is empty, and says what is wrong with an address', async () => {
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

  it('has a result: every view', async () => {
    await page.getByRole('combobox', { name: 'Sample' }).selectOption('digits');
    await verified(page);
    await idle(page);
    await fine('done');
    for (const size of SCREENS) {
      await fits('done', size);
      expect(await documentScroll(page), `pixels longer than ${size.width} × ${size.height}`).toBe(0);
    }
    await page.setViewportSize(PHONE);
    expect(await violations(page), 'done, on a phone').toEqual([]);
    await page.setViewportSize(DESK);
    for (const name of ['Samples', 'Diagnose', 'Improve', 'Cost', 'Runs']) {
      await view(name);
      if (name === 'Diagnose') await panel(page, 'Diagnosis').getByRole('button', { name: 'Save as JSON' }).waitFor();
      await idle(page);
      await fine(name);
    }
  });

  it('has parts beside the view, and a graph', async () => {
    for (const name of ['Data', 'Settings', 'Export'] as const) {
      await openSide(page, name);
      await fine(name, async () => {
        await bar('Data');
        await openSide(page, name);
      });
    }
    await page.getByRole('radio', { name: 'Graph' }).click();
    await page.locator('.graph-node').first().waitFor();
    await fine('the graph', () => bar('Layers'));
    await page.getByRole('radio', { name: 'List' }).click();
  });

  it('has dialogs', async () => {
    for (const [key, name] of [
      ['?', /words/i],
      ['s', 'Project'],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByRole('dialog', { name }).waitFor();
      await fine(`the dialog ${String(name)}`);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Lessons', exact: true }).click();
    for (const name of ['Results of a class…', 'Write a lesson…']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog', { name: name.slice(0, -1) }).waitFor();
      await fine(name);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Lessons', exact: true }).click();
    }
    await page.keyboard.press('Escape');
  });

  it('trains: before, paused and done', async () => {
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
    await view('Layer');
    await panel(page, 'Output activations').waitFor();
    await fine('a layer, trained');
  });

  it('has a front, a rule being written and layers selected', async () => {
    await view('Mix');
    const mix = panel(page, 'Mixed precision');
    await mix.getByRole('button', { name: 'Search' }).click();
    await mix.getByText('configurations measured').waitFor();
    await mix.locator('.front-point').first().click();
    await fine('a front');
    await openSide(page, 'Settings');
    await panel(page, 'Rules').getByRole('radio', { name: 'INT8' }).click();
    await panel(page, 'Rules').getByRole('button', { name: 'Add' }).click();
    await panel(page, 'Rules').getByRole('form').waitFor();
    await fine('a rule');
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.locator('tr[data-layer]').nth(1).click();
    await page.locator('tr[data-layer]').nth(2).click();
    await page.getByText('2 selected').waitFor();
    await fine('layers being selected', () => bar('Layers'));
    await view('Layer');
    await page.getByRole('region', { name: '2 layers together' }).waitFor();
    await fine('layers together');
    expect(studio.problems).toEqual([]);
  });

  it('keeps the theme that was chosen', async () => {
    const shown = () => page.evaluate(() => document.documentElement.dataset.theme);
    await page.getByRole('button', { name: /^Theme/ }).click();
    expect(await shown()).toBe('dark');
    await page.reload();
    await expect.poll(shown).toBe('dark');
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
});
