/** A browser on the production build, and the words the tests use to speak about it. */
import { chromium, type Browser, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS } from '../scripts/browser.mjs';

const url = process.env.STUDIO_URL ?? 'http://localhost:4173/';

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: CHROMIUM_FLAGS });
}

export interface Studio {
  readonly page: Page;
  /** Uncaught errors and console errors since the page opened. */
  readonly problems: string[];
}

/** Opens the studio; `query` such as "?sample=none". Every uncaught error is collected. */
export async function openStudio(
  browser: Browser,
  { query = '', width = 1440, height = 900, dark = false } = {},
): Promise<Studio> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(url + query);
  return { page, problems };
}
