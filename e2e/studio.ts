/** A browser on the production build, and the words the tests use to speak about it. */
import { readFileSync } from 'node:fs';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS } from '../scripts/browser.mjs';
import { ISOLATION_HEADERS } from '../scripts/security-headers.mjs';

/** Where the build is served; whoever serves it says so. */
export const studioUrl = () => process.env.STUDIO_URL ?? 'http://localhost:4173/';

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '', args: CHROMIUM_FLAGS });
}

export interface OpenOptions {
  /** Of the address, such as "?sample=none". */
  readonly query?: string;
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** A script to be the studio's worker, in place of the real one. */
  readonly worker?: string;
  /** Runs in the page before anything of its own does. */
  readonly before?: () => void;
}

export interface Studio {
  readonly page: Page;
  /** Uncaught errors and console errors since the page opened. */
  readonly problems: string[];
  close(): Promise<void>;
}

/** Opens the studio in a profile of its own. Every uncaught error is collected. */
export async function openStudio(
  browser: Browser,
  { query = '', width = 1440, height = 900, dark = false, before, worker }: OpenOptions = {},
): Promise<Studio> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  if (before) await page.addInitScript(before);
  if (worker !== undefined)
    await page.route(/\/studio\.worker-/, async (route) => {
      await route.fulfill({ body: worker, contentType: 'text/javascript', headers: ISOLATION_HEADERS });
    });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(studioUrl() + query);
  // The page is loaded a moment before it listens.
  await page.getByRole('status').first().waitFor();
  return { page, problems, close: () => context.close() };
}

export function panel(page: Page, name: string | RegExp): Locator {
  return page.getByRole('region', { name });
}

/** Shows a part of the right column. */
export async function openSide(page: Page, part: 'Data' | 'Settings' | 'Export'): Promise<Locator> {
  await page.getByRole('tab', { name: new RegExp(`^${part}`) }).click();
  return page.locator('#side');
}

/** One of the five tiles on top, by its heading. */
export function tile(page: Page, title: string | RegExp): Locator {
  return panel(page, 'Summary')
    .locator('.tile')
    .filter({ has: page.getByRole('heading', { name: title }) });
}

/** A figure of a distribution ("Clipped", "Scale", …) as text. */
export function figure(page: Page, distribution: string, name: string): Locator {
  const term = page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) });
  return panel(page, distribution).locator('dl > div').filter({ has: term }).getByRole('definition');
}

export function clipHandle(page: Page, distribution: string, side: 'lower' | 'upper'): Locator {
  return page.getByRole('slider', { name: `${distribution}, ${side} clip` });
}

/** Waits until the file on offer has been run in LiteRT under the current settings. */
export async function verified(page: Page, timeout = 120_000): Promise<void> {
  await panel(page, 'Summary').locator('.tile[data-of="check"][data-state="fresh"] .verdict').waitFor({ timeout });
}

/** Waits until no job runs any more, background work included. */
export async function idle(page: Page, timeout = 120_000): Promise<void> {
  await page
    .getByRole('status')
    .filter({ hasText: /^Ready$/ })
    .waitFor({ timeout });
}

/** Picks files as a model, or as data, or a folder as data. */
export async function pick(
  page: Page,
  kind: 'model' | 'data' | 'folder',
  paths: string | readonly string[],
): Promise<void> {
  await page.getByTestId(`pick-${kind}`).setInputFiles(typeof paths === 'string' ? paths : [...paths]);
}

/** Drops files and folders from disk on the middle of the window, as the system would. */
export async function drop(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize()!;
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  await session.detach();
}

/** What a button downloads. */
export async function downloaded(page: Page, button: Locator): Promise<{ name: string; bytes: Uint8Array }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(await download.path())) };
}
