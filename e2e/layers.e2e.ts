/** Many layers at once: marked by mouse, keyboard and finger, and by rules. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idle, launch, openSide, openStudio, panel, tile, verified } from './studio';

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());

/** What the list says of each layer: bits, or that it is in float. */
async function bits(page: Page): Promise<string[]> {
  const cells = await page.locator('tr[data-layer] td:nth-child(3)').allInnerTexts();
  return cells.map((text) => text.split(/[\n:]/)[0]!.trim());
}

describe('layers', () => {
  it('are marked by Ctrl, Shift and keyboard, changed together as one step, and follow the model again', async () => {
    const { page, problems, close } = await openStudio(browser);
    await verified(page);
    await idle(page);
    const rows = page.locator('tr[data-layer]');
    await rows.nth(0).click();
    await rows.nth(2).click({ modifiers: ['Control'] });
    await rows.nth(4).click({ modifiers: ['Control'] });
    const together = page.getByRole('region', { name: '3 layers together' });
    await together.getByRole('combobox', { name: 'Format' }).first().selectOption('int4');
    await expect.poll(async () => (await bits(page)).slice(0, 5)).toEqual(['4', '8', '4', '8', '4']);
    await page.keyboard.press('Control+z');
    await expect.poll(async () => (await bits(page)).slice(0, 5)).toEqual(['8', '8', '8', '8', '8']);
    await together.getByRole('radio', { name: 'Float' }).click();
    await expect.poll(async () => (await bits(page)).filter((text) => text.startsWith('float')).length).toBe(3);
    await together.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(async () => (await bits(page)).slice(0, 5)).toEqual(['8', '8', '8', '8', '8']);
    // A plain click is one layer again.
    await rows.nth(1).click();
    await panel(page, /^Layer block1_depthwise$/).waitFor();
    await rows.nth(1).focus();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('region', { name: '3 layers together' }).waitFor();
    await page.keyboard.press('Control+a');
    await page.getByRole('region', { name: '12 layers together' }).waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('region', { name: '11 layers together' }).waitFor();
    await page.keyboard.press('Escape');
    await panel(page, /^Layer block1_depthwise$/).waitFor();
    expect(problems).toEqual([]);
    await close();
  });

  it('are marked by tapping where there is no keyboard', async () => {
    const { page, close } = await openStudio(browser, { width: 390, height: 844 });
    await verified(page);
    const bar = page.getByRole('navigation', { name: 'Parts of the page' });
    await bar.getByRole('button', { name: 'Layers', exact: true }).click();
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    const rows = page.locator('tr[data-layer]');
    await rows.nth(0).click();
    await rows.nth(3).click();
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: 'Change together' }).click();
    await page.getByRole('region', { name: '2 layers together' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    await bar.getByRole('button', { name: 'Layers', exact: true }).click();
    await page.getByRole('button', { name: 'Done' }).click();
    await bar.getByRole('button', { name: 'Layer', exact: true }).click();
    await panel(page, /^Layer /).waitFor();
    await close();
  });

  it('are chosen by rules, in order, and the file follows them', async () => {
    const { page, problems, close } = await openStudio(browser);
    await verified(page);
    await idle(page);
    await openSide(page, 'Settings');
    const rules = panel(page, 'Rules');
    await rules.getByRole('button', { name: 'Add' }).click();
    const form = rules.getByRole('form', { name: 'New rule' });
    await form.getByRole('textbox', { name: 'Name' }).fill('*pointwise');
    await form.getByText('4 layers here').waitFor();
    await form.getByRole('combobox', { name: 'Format' }).first().selectOption('int4');
    await form.getByRole('button', { name: 'Add rule' }).click();
    await rules.getByText('Layers named *pointwise').waitFor();
    await rules.getByRole('radio', { name: 'Float' }).click();
    await rules.getByText('The first and the last layer with weights').waitFor();
    await expect.poll(async () => (await bits(page)).slice(0, 3)).toEqual(['float', '8', '4']);
    await page.keyboard.press('Control+Enter');
    await verified(page);
    expect(await tile(page, 'Verified').innerText()).toContain('Bit-exact');
    await rules.getByRole('button', { name: 'Remove rule 2' }).click();
    await rules.getByRole('button', { name: 'Remove rule 1' }).click();
    await expect.poll(async () => (await bits(page)).slice(0, 3)).toEqual(['8', '8', '8']);
    expect(problems).toEqual([]);
    await close();
  });
});
