/** For everybody, on every screen, without a hitch. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sidewaysScroll, violations } from './accessibility';
import { tasksDuring } from './main-thread';
import {
  clipHandle,
  idle,
  launch,
  openSide,
  openStudio,
  panel,
  verified,
  type OpenOptions,
  type Studio,
} from './studio';

/** Of processor time: on a busy machine wall time tells about its neighbours. */
const LONG_TASK_MS = 50;

const SCREENS: readonly (OpenOptions & { readonly name: string })[] = [
  { name: 'a desk, light', dark: false },
  { name: 'a desk, dark', dark: true },
  { name: 'a phone, light', width: 390, height: 844, dark: false },
  { name: 'a phone, dark', width: 390, height: 844, dark: true },
];

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());

describe.each(SCREENS)('on $name', (screen) => {
  async function open(query: string): Promise<Studio> {
    const studio = await openStudio(browser, { ...screen, query });
    await studio.page.getByRole('status').filter({ hasText: 'Ready' }).waitFor();
    return studio;
  }

  it('empty: nothing to scroll sideways, nothing that hinders', async () => {
    const { page, problems, close } = await open('?sample=none');
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it('with an error: nothing to scroll sideways, nothing that hinders', async () => {
    const { page, problems, close } = await open('?sample=none');
    const files = [{ name: 'nothing.tflite', mimeType: '', buffer: Buffer.from('no model at all') }];
    await page.getByTestId('pick-model').setInputFiles(files);
    await page.getByRole('alert').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  it('done: nothing to scroll sideways, nothing that hinders', async () => {
    const { page, problems, close } = await open('');
    await verified(page);
    await idle(page);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(screen.dark ? 'dark' : 'light');
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });

  // Both themes and both sizes, though not all four: it takes a while.
  it.runIf(screen.dark === (screen.width === undefined))(
    'training, paused and done: nothing to scroll sideways, nothing that hinders',
    async () => {
      const { page, problems, close } = await open('');
      await verified(page);
      await page.getByRole('tab', { name: 'Train' }).click();
      const train = page.getByRole('region', { name: 'Train', exact: true });
      const button = (name: string) => train.getByRole('button', { name, exact: true });
      await button('W3A8').click();
      await train.getByText('More settings').click();
      await verified(page);
      await idle(page);
      const fine = async () => {
        expect(await sidewaysScroll(page)).toBe(0);
        expect(await violations(page)).toEqual([]);
      };
      await fine();
      await button('Train').click();
      await train.getByText(/^epoch \d+, [\d.]+ %$/).waitFor();
      await button('Pause').click();
      await fine();
      await button('Resume').click();
      await train.getByText(/points lost to W3A8; /).waitFor();
      await verified(page);
      await idle(page);
      await fine();
      await page.getByRole('tab', { name: 'Layer' }).click();
      await panel(page, 'Output activations').waitFor();
      await fine();
      expect(problems).toEqual([]);
      await close();
    },
  );
});

describe.each(SCREENS)('mixed precision on $name', (screen) => {
  it('with a front, a rule being written and layers marked: nothing to scroll sideways, nothing that hinders', async () => {
    const { page, problems, close } = await openStudio(browser, screen);
    await verified(page);
    await idle(page);
    await page.getByRole('tab', { name: 'Mix' }).click();
    const mix = panel(page, 'Mixed precision');
    await mix.getByRole('textbox', { name: 'Configurations at most' }).fill('30');
    await page.keyboard.press('Enter');
    await mix.getByRole('button', { name: 'Search' }).click();
    await mix.getByText('configurations measured').waitFor();
    await openSide(page, 'Settings');
    await panel(page, 'Rules').getByRole('radio', { name: 'INT8' }).click();
    await panel(page, 'Rules').getByRole('button', { name: 'Add' }).click();
    await panel(page, 'Rules').getByRole('form').waitFor();
    await mix.locator('.front-point').first().click();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.locator('tr[data-layer]').nth(1).click();
    await page.locator('tr[data-layer]').nth(2).click();
    await page.getByRole('region', { name: '2 layers together' }).waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(problems).toEqual([]);
    await close();
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
    expect(tasks.filter(({ cpuMs }) => cpuMs > LONG_TASK_MS)).toEqual([]);
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
    expect(tasks.filter(({ cpuMs }) => cpuMs > LONG_TASK_MS)).toEqual([]);
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
