/** 10 million floats through the observer that calibration uses, in the browser. */
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { bundled } from '../scripts/bundle';
import type { Observer as ObserverClass } from '../src/core/calibration/observer';
import { median, type Row } from './table';

const COUNT = 10_000_000;
const RUNS = 9;

export async function statistics(page: Page): Promise<Row[]> {
  await page.addScriptTag({ content: await bundled(resolve('src/core/calibration/observer.ts'), 'ranges') });
  const times = await page.evaluate(
    ({ count, runs }) => {
      const { Observer } = (globalThis as unknown as { ranges: { Observer: typeof ObserverClass } }).ranges;
      // In batches of calibration's size, normal values as activations have them.
      const batch = Float32Array.from({ length: 1_000_000 }, () => {
        const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
        return radius * Math.cos(2 * Math.PI * Math.random());
      });
      return Array.from({ length: runs }, () => {
        const observer = new Observer();
        const started = performance.now();
        for (let seen = 0; seen < count; seen += batch.length) observer.observe(batch);
        observer.stats();
        return performance.now() - started;
      });
    },
    { count: COUNT, runs: RUNS },
  );
  return [{ what: 'extrema, moments, 2,048 bins of 10 M floats', target: 25, value: median(times), unit: 'ms' }];
}
