/** Ranges tuned by hand on the bundled sample: figures at once, accuracy after a pause, every step undoable. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clipHandle, figure, idle, launch, openSide, openStudio, panel, tile, verified, type Studio } from './studio';

const ACTIVATIONS = 'Output activations';

/** Moves a handle by the mouse to a share of its histogram's width; what the figure showed on the way. */
async function dragTo(page: Page, handle: Locator, share: number): Promise<string[]> {
  const plot = (await page.getByRole('group', { name: new RegExp(`^${ACTIVATIONS}: histogram`) }).boundingBox())!;
  const grip = (await handle.boundingBox())!;
  const y = plot.y + plot.height / 2;
  const from = grip.x + grip.width / 2;
  const to = plot.x + share * plot.width;
  const shown: string[] = [];
  await page.mouse.move(from, y);
  await page.mouse.down();
  for (let step = 1; step <= 8; step++) {
    await page.mouse.move(from + ((to - from) * step) / 8, y);
    shown.push(await figure(page, ACTIVATIONS, 'Clipped').innerText());
  }
  await page.mouse.up();
  return shown;
}

describe('tuning a range', () => {
  let browser: Browser;
  let studio: Studio;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
    studio = await openStudio(browser);
    page = studio.page;
    await verified(page);
    await idle(page);
  });
  afterAll(async () => {
    expect(studio.problems).toEqual([]);
    await browser.close();
  });
  beforeEach(async () => {
    await openSide(page, 'Settings');
    const clear = page.getByRole('button', { name: /^Clear \d+ exception/ });
    if (await clear.isVisible()) await clear.click();
    await verified(page);
    await idle(page);
    await settled();
  });

  /** The range is found anew by the worker; until then the card says that what it shows is about to be replaced. */
  const settled = () => page.locator(`[aria-label="${ACTIVATIONS}"][aria-busy="false"]`).waitFor();
  const accuracy = () => tile(page, 'Accuracy').innerText();
  const clipped = () => figure(page, ACTIVATIONS, 'Clipped').innerText();
  const upper = () => clipHandle(page, ACTIVATIONS, 'upper');
  const upperValue = async () => Number(await upper().getAttribute('aria-valuenow'));

  it('by mouse: figures follow on the way, the accuracy once it rests, the verified file after that', async () => {
    const before = await accuracy();
    expect(await clipped()).toMatch(/^(0|<0\.01) %$/);
    const scale = await figure(page, ACTIVATIONS, 'Scale').innerText();

    const onTheWay = await dragTo(page, upper(), 0.1);
    expect(new Set(onTheWay).size).toBeGreaterThan(3); // it changed while the button was still down
    expect(await figure(page, ACTIVATIONS, 'Scale').innerText()).not.toBe(scale);

    // An estimate on a subset, marked as one, then the file itself.
    await expect.poll(accuracy).toMatch(/≈[\s\S]*estimate on 256 samples/);
    await verified(page);
    expect(await accuracy()).toContain('the file itself, on 1,000 samples');
    expect(await accuracy()).not.toBe(before);
    expect(await panel(page, ACTIVATIONS).getByText('manual range').isVisible()).toBe(true);
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
  });

  it('by keyboard: arrows step, Shift is finer, Page keys are coarser', async () => {
    const start = await upperValue();
    const clippedBefore = await clipped();
    await upper().focus();
    await page.keyboard.press('ArrowLeft');
    const step = start - (await upperValue());
    expect(step).toBeGreaterThan(0);
    await page.keyboard.press('Shift+ArrowLeft');
    expect(start - (await upperValue())).toBeCloseTo(1.1 * step, 6);
    await page.keyboard.press('PageDown');
    expect(start - (await upperValue())).toBeCloseTo(11.1 * step, 6);
    expect(await clipped()).not.toBe(clippedBefore);
    await expect.poll(accuracy).toContain('≈');
  });

  it('by number: what is typed takes effect on Enter, nonsense does not', async () => {
    const field = panel(page, ACTIVATIONS).getByRole('textbox', { name: 'to' });
    await field.fill('1.5');
    await field.press('Enter');
    expect(await upperValue()).toBe(1.5);
    await field.fill('wide');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.press('Enter');
    expect(await upperValue()).toBe(1.5);
    await panel(page, ACTIVATIONS).getByRole('button', { name: 'Reset' }).click();
    await settled();
    expect(await upperValue()).toBeGreaterThan(1.5);
  });

  it('a drag is one step back, one step forth; going back makes the old file current again', async () => {
    const original = await upperValue();
    const before = await accuracy();
    await dragTo(page, upper(), 0.3);
    const dragged = await upperValue();
    expect(dragged).toBeLessThan(original);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(upperValue).toBe(original);
    // Nothing is computed anew: the result belongs to these settings.
    expect(await panel(page, 'Summary').locator('.tile[data-of="check"]').getAttribute('data-state')).toBe('fresh');
    expect(await accuracy()).toBe(before);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(upperValue).toBe(dragged);
    await page.keyboard.press('Control+z');
    await expect.poll(upperValue).toBe(original);
  });

  it('weights of one channel alone', async () => {
    const weights = panel(page, /^Weights/);
    await weights.getByRole('slider', { name: /^Channel/ }).focus();
    await page.keyboard.press('ArrowRight');
    await panel(page, 'Weights, channel 0').waitFor();
    const handle = clipHandle(page, 'Weights, channel 0', 'upper');
    const start = Number(await handle.getAttribute('aria-valuenow'));
    await handle.focus();
    await page.keyboard.press('PageDown');
    expect(Number(await handle.getAttribute('aria-valuenow'))).toBeLessThan(start);
    await page.getByRole('button', { name: 'All channels' }).click();
    await expect.poll(accuracy).toContain('≈');
  });

  it('an estimator for the whole model, and undone', async () => {
    await openSide(page, 'Settings');
    const ranges = panel(page, 'Ranges of the whole model');
    const before = await upperValue();
    const estimator = ranges.getByRole('combobox', { name: 'Activations', exact: true });
    await estimator.selectOption('minmax');
    await expect.poll(upperValue).toBeGreaterThan(before);
    expect(await clipped()).toBe('0 %');
    const largest = await upperValue();
    await estimator.selectOption('percentile');
    await expect.poll(upperValue).toBeLessThan(largest);
    await verified(page);
    for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(upperValue).toBe(before);
  });

  it('inputs stay INT8 beside activations in FP8, and it says why, until somebody chooses otherwise', async () => {
    await openSide(page, 'Settings');
    const ranges = panel(page, 'Ranges of the whole model');
    const select = (name: string) => ranges.getByRole('combobox', { name, exact: true });
    await select('Activations as').selectOption('fp8-e4m3fn');
    await ranges.getByText(/The inputs stay INT8: FP8 E4M3FN would round what was seen \d+ dB worse/).waitFor();
    await select('Inputs as').selectOption('fp8-e4m3fn');
    await ranges.getByText(/INT8 would round the inputs \d+ dB better than FP8 E4M3FN/).waitFor();
    for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => select('Inputs as').count()).toBe(0);
    await verified(page);
  });

  it('a layer kept in float is said to be, in the list and at the file', async () => {
    const keep = page.getByRole('switch', { name: 'Keep float' });
    await keep.check();
    await verified(page);
    expect(await (await openSide(page, 'Export')).innerText()).toContain('1 layer stays in float');
    expect(await page.getByRole('row', { selected: true }).innerText()).toContain('float');
    await keep.uncheck();
  });

  it('finds and sorts layers', async () => {
    const grid = page.getByRole('grid', { name: 'Layers of the model' });
    const rows = grid.locator('tbody tr');
    await page.keyboard.press('/');
    await page.keyboard.type('depthwise');
    await expect.poll(() => rows.count()).toBe(4);
    await page.getByRole('searchbox', { name: 'Search layers' }).fill('');
    await grid.getByRole('button', { name: 'SQNR' }).click();
    const sqnr = (await rows.allInnerTexts()).map((text) => Number(/([\d.]+) dB/.exec(text)![1]));
    expect(sqnr).toEqual([...sqnr].sort((a, b) => a - b));
    expect(new Set(sqnr).size).toBeGreaterThan(5);
    await rows.first().click();
    await page.keyboard.press('End');
    expect(await rows.last().getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Home');
  });
});
