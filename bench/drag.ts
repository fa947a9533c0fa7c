/** A clip handle dragged: how long the page needs for a frame of it, and how soon the accuracy follows. */
import type { Browser, Page } from 'playwright-core';
import { clipHandle, idle, openStudio, pick, tile, verified } from '../e2e/studio';
import { fixturePath, haveFixtures } from '../src/testing/fixtures/fixtures';
import { median, quantile, type Row } from './table';

const MOVES = 120;
const RELEASES = 5;

/** From the move's event to the end of the frame that shows its figures: handlers, React, style, layout, paint. */
async function frames(page: Page, distribution: string): Promise<number[]> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(globalThis, { frameTimes: times });
    addEventListener(
      'pointermove',
      () => {
        const started = performance.now();
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => times.push(performance.now() - started);
          port2.postMessage(null); // a task of its own: the frame has been rendered by then
        });
      },
      { capture: true },
    );
  });
  const handle = clipHandle(page, distribution, 'upper');
  await handle.scrollIntoViewIfNeeded();
  const box = (await handle.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let i = 1; i <= MOVES; i++) await page.mouse.move(x - 2 * (i % 60), y + (i % 2));
  await page.mouse.up();
  const times = await page.evaluate(() => (globalThis as unknown as { frameTimes: number[] }).frameTimes);
  return times.slice(5);
}

/** From letting go to the estimate on 256 samples. */
async function accuracy(page: Page): Promise<number> {
  const handle = clipHandle(page, 'Output activations', 'upper');
  await handle.scrollIntoViewIfNeeded();
  const box = (await handle.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 20, y);
  await page.mouse.up();
  const started = performance.now();
  await tile(page, /accuracy/)
    .getByText('≈')
    .waitFor();
  return performance.now() - started;
}

export async function drag(browser: Browser): Promise<Row[]> {
  const { page, close } = await openStudio(browser, { query: haveFixtures ? '?sample=none' : '' });
  if (haveFixtures) {
    await pick(page, 'model', fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite'));
    await pick(page, 'folder', fixturePath('datasets/cifar10_jpg/test'));
  }
  await verified(page);
  await idle(page);
  const releases: number[] = [];
  for (let i = 0; i < RELEASES; i++) {
    releases.push(await accuracy(page));
    await verified(page);
    await idle(page);
  }
  const activations = await frames(page, 'Output activations');
  await verified(page);
  await idle(page);
  const weights = await frames(page, 'Weights');
  await close();
  return [
    { what: 'drag → figures, activations, p95', target: 16, value: quantile(activations, 0.95), unit: 'ms' },
    { what: 'drag → figures, all weight channels, p95', target: 16, value: quantile(weights, 0.95), unit: 'ms' },
    { what: 'drag → accuracy on 256 images', target: 1000, value: median(releases), unit: 'ms' },
  ];
}
