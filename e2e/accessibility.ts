/** What keeps somebody from using a page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Serious violations, as "rule: element".
 * @param rule the only one that is looked at: of what differs between themes, contrast alone
 */
export async function violations(page: Page, rule?: 'color-contrast'): Promise<string[]> {
  await page.evaluate(AXE);
  const options = rule ? JSON.stringify({ runOnly: [rule] }) : '';
  const results = (await page.evaluate(`axe.run(${options})`)) as AxeResults;
  expect(results.passes.length).toBeGreaterThan(rule ? 0 : 10);
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

export async function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Pixels by which the document is longer than its window. */
export async function documentScroll(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollHeight - document.documentElement.clientHeight);
}
