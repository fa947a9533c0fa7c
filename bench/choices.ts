/** Choices about a whole model: how soon another estimator's ranges are there, and what learning to round takes. */
import type { Browser, Page } from 'playwright-core';
import { idle, openStudio, panel, pick, verified } from '../e2e/studio';
import { ESTIMATORS } from '../src/core/calibration/estimators/table';
import { fixturePath } from '../src/testing/fixtures/fixtures';
import { median, type Row } from './table';

async function openResNet8(browser: Browser) {
  const studio = await openStudio(browser, { query: '?sample=none' });
  await pick(studio.page, 'model', fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite'));
  await pick(studio.page, 'folder', fixturePath('datasets/cifar10_jpg/test'));
  await verified(studio.page);
  await idle(studio.page);
  return studio;
}

/** From the choice to the figures of the shown layer under the new plan of all layers, ms; null where they stay as they are. */
async function switchTo(page: Page, label: string): Promise<number | null> {
  await page.evaluate(() => {
    const figures = document.querySelector('[aria-label="Output activations"] dl')!;
    const before = figures.textContent;
    const measured = new Promise<number | null>((resolve) => {
      let started = 0;
      setTimeout(() => resolve(null), 1000);
      addEventListener('change', () => (started = performance.now()), { capture: true, once: true });
      new MutationObserver((_, observer) => {
        if (figures.textContent === before || started === 0) return;
        observer.disconnect();
        resolve(performance.now() - started);
      }).observe(figures, { childList: true, characterData: true, subtree: true });
    });
    Object.assign(globalThis, { measured });
  });
  await panel(page, /^Ranges of/)
    .locator('select')
    .first()
    .selectOption({ label });
  return page.evaluate(() => (globalThis as unknown as { measured: Promise<number | null> }).measured);
}

/** Every estimator whose range of the shown layer differs from min–max's; there and back, so that each is asked anew. */
export async function estimators(browser: Browser): Promise<Row[]> {
  const { page, close } = await openResNet8(browser);
  const rows: Row[] = [];
  for (const { id, label } of ESTIMATORS.filter(({ id }) => id !== 'minmax' && id !== 'moving-average')) {
    const value = await switchTo(page, label);
    if (value === null) continue;
    rows.push({ what: `${id}: choice → ranges of the whole model`, target: 100, value, unit: 'ms' });
    await switchTo(page, ESTIMATORS.find((row) => row.id === 'minmax')!.label);
  }
  await close();
  return [{ what: 'median of these', value: median(rows.map(({ value }) => value)), unit: 'ms' }, ...rows];
}

/** Seconds that the page's processes have computed so far, all threads together. */
async function cpuSeconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

export async function learning(browser: Browser): Promise<Row[]> {
  const { page, close } = await openResNet8(browser);
  await page.getByRole('tab', { name: 'Improve' }).click();
  const status = page.locator('.job-status .stage');
  const [cpu, started] = [await cpuSeconds(browser), performance.now()];
  await page.getByRole('switch', { name: /^AdaRound/ }).check();
  await status.filter({ hasText: 'Learning to round' }).waitFor({ timeout: 30_000 });
  await status.filter({ hasNotText: 'Learning to round' }).waitFor({ timeout: 600_000 });
  const wall = (performance.now() - started) / 1000;
  const computed = (await cpuSeconds(browser)) - cpu;
  await close();
  return [
    { what: 'AdaRound of ResNet8, 1,000 iterations a layer, CPU', target: 60, value: computed, unit: 's' },
    { what: 'the same by the clock', target: 60, value: wall, unit: 's' },
  ];
}
