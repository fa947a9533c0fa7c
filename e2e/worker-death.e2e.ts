/** A worker that dies takes nothing with it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clipHandle, idle, launch, openSide, openStudio, panel, tile, verified, type Studio } from './studio';

/** The studio's worker throws where nothing catches it, as it does when memory runs out. */
async function killWorker(page: Page): Promise<void> {
  const [worker] = page.workers();
  await worker!.evaluate(
    () =>
      void setTimeout(() => {
        throw new Error('Array buffer allocation failed');
      }),
  );
}

describe('when the worker dies', () => {
  let browser: Browser;
  let studio: Studio;
  beforeAll(async () => void (browser = await launch()));
  afterAll(() => browser.close());

  it('in the middle of a job: it says so, is restarted, and model, data and choices are still there', async () => {
    studio = await openStudio(browser);
    const { page } = studio;
    await verified(page);
    await idle(page);
    const handle = clipHandle(page, 'Output activations', 'upper');
    await handle.focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('PageDown');
    const chosen = await handle.getAttribute('aria-valuenow');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('status').filter({ hasText: 'Evaluating' }).waitFor();

    await killWorker(page);
    await page.getByRole('log', { name: 'Notices' }).getByText('was restarted').waitFor();
    const card = page.getByRole('alert').filter({ hasText: 'The worker stopped: ' });
    expect(await card.innerText()).toContain('Array buffer allocation failed');
    expect(await tile(page, /TensorFlow/).innerText()).toContain('digits');
    expect(await panel(page, 'Data').innerText()).toContain('digits.npz');
    expect(await handle.getAttribute('aria-valuenow')).toBe(chosen);

    await card.getByRole('button', { name: 'Try again' }).click();
    await verified(page);
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
    expect(await panel(page, 'Data').innerText()).toContain('1,000 others to evaluate');
    await studio.close();
  });

  it('while nothing runs: the next change finds a new one that knows as much', async () => {
    studio = await openStudio(browser);
    const { page } = studio;
    await verified(page);
    await idle(page);
    await killWorker(page);
    await page.getByRole('log', { name: 'Notices' }).getByText('was restarted').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await openSide(page, 'Settings');
    await panel(page, 'Ranges of the whole model').getByRole('radio', { name: 'Tensor' }).click();
    await verified(page);
    await studio.close();
  });
});
