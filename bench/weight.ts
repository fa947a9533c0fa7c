/** How heavy the page is: on the wire, and in memory with a model of ten megabytes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { openStudio, panel, pick, studioUrl, tile, verified } from '../e2e/studio';
import { fixturePath } from '../src/testing/fixtures/fixtures';
import type { Row } from './table';

const MOBILENET = fixturePath('tfjs/mobilenet_v1_0.75_224_layers');

/** The scripts that `index.html` asks for, with all that they import statically, by name. */
function staticScripts(): Set<string> {
  const found = new Set<string>();
  const ask = (text: string, pattern: RegExp) => {
    for (const [, name] of text.matchAll(pattern)) {
      if (found.has(name!)) continue;
      found.add(name!);
      ask(readFileSync(join('dist/assets', name!), 'utf8'), /(?:from|import)\s*["`]\.\/([\w-]+\.js)["`]/g);
    }
  };
  ask(readFileSync('dist/index.html', 'utf8'), /assets\/([\w-]+\.js)/g);
  return found;
}

/** Scripts of the page and of its worker, as a server would send them; what the page loads later counts as neither. */
export async function firstLoad(browser: Browser): Promise<Row[]> {
  const first = staticScripts();
  const context = await browser.newContext();
  const page = await context.newPage();
  const gzipped = (name: string) => gzipSync(readFileSync(join('dist/assets', name))).length;
  const sizes = { page: [...first].reduce((sum, name) => sum + gzipped(name), 0), worker: 0 };
  const pending: Promise<unknown>[] = [];
  page.on('response', (response) => {
    const [, name] = /\/assets\/([\w-]+\.js)$/.exec(response.url()) ?? [];
    if (name === undefined || first.has(name)) return;
    pending.push(
      response.body().then(
        (body) => (sizes.worker += gzipSync(body).length),
        () => undefined,
      ),
    );
  });
  await page.goto(`${studioUrl()}?sample=none`);
  await page.getByText('Ready').waitFor();
  await Promise.all(pending);
  await context.close();
  return [
    { what: 'JavaScript of the first load, gzipped', target: 200, value: sizes.page / 1000, unit: 'kB' },
    { what: 'JavaScript of worker and engines, gzipped', value: sizes.worker / 1000, unit: 'kB' },
  ];
}

/** Everything the page and its workers hold: JavaScript heaps, array buffers, wasm memories. */
async function measured(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const api = performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
    return (await api.measureUserAgentSpecificMemory()).bytes;
  });
}

/** Largest resident size of the browser's renderer so far, where the system tells (Linux). */
async function peakResident(browser: Browser): Promise<number | null> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const peaks = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => `/proc/${id}/status`)
    .filter((path) => existsSync(path))
    .map((path) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'utf8'))?.[1] ?? 0) * 1024);
  return peaks.length > 0 ? Math.max(...peaks) : null;
}

export async function memory(browser: Browser): Promise<Row[]> {
  const { page, close } = await openStudio(browser, { query: '?sample=none' });
  await page.getByText('Ready').waitFor();
  await pick(
    page,
    'model',
    readdirSync(MOBILENET).map((name) => join(MOBILENET, name)),
  );
  await tile(page, /TensorFlow/).waitFor();
  await panel(page, 'Data').getByRole('button', { name: 'Random' }).click();
  for (const [name, count] of [
    ['Calibrate on', '32'],
    ['Evaluate on', '32'],
  ] as const) {
    await panel(page, 'Data').getByRole('textbox', { name }).fill(count);
    await page.keyboard.press('Enter');
  }
  await panel(page, 'Data').getByText('In effect: 32 to calibrate, 32 others').waitFor();
  await verified(page, 300_000);
  const held = await measured(page);
  const peak = await peakResident(browser);
  await close();
  return [
    { what: 'page memory, MobileNet 0.75 verified', target: 1000, value: held / 1e6, unit: 'MB' },
    ...(peak === null ? [] : [{ what: 'renderer process at its peak', target: 1000, value: peak / 1e6, unit: 'MB' }]),
  ];
}
