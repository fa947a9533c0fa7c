/** The lessons in a real browser, through the page alone: every answer wrong first, then offline on a slow laptop. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './accessibility';
import { chooseLesson, LESSONS, lessonOf, playLesson } from './play-lesson';
import { launch, openStudio, verified, type Studio } from './studio';

/** How long a student may look at a dash without being told that something is under way, ms. */
const LONGEST_SILENCE_MS = 5000;
/** What a laptop plays that is four times as slow as this machine. */
const ON_THE_LAPTOP = 'zero';
/** The five models of the mystery differ in the disease alone; src/testing/lessons plays all of them. */
const PLAYED = LESSONS.filter(({ id }) => !/^mystery-[bcde]$/.test(id));

let browser: Browser;
beforeAll(async () => void (browser = await launch()));
afterAll(() => browser.close());

describe('the lessons', () => {
  let studio: Studio;
  const figures = new Map<string, readonly string[]>();
  beforeAll(async () => void (studio = await openStudio(browser, { query: '?sample=none', width: 1366, height: 768 })));
  afterAll(() => studio.close());

  it('are chosen from a gallery that lists all of them', async () => {
    const { page } = studio;
    await page.getByRole('button', { name: 'Lessons', exact: true }).click();
    const gallery = page.getByRole('dialog', { name: 'Lessons' });
    await gallery
      .getByRole('listitem')
      .nth(LESSONS.length - 1)
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it.each(PLAYED.map(({ id, title }) => ({ id, title })))('$id is played to its end', async ({ id, title }) => {
    const { page } = studio;
    await chooseLesson(page, title);
    const lesson = lessonOf(id);
    const played = await playLesson(page, lesson);
    expect(played.code).toMatch(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
    figures.set(id, played.figures);
    expect(studio.problems).toEqual([]);
  });

  it('show the same figures to another profile, offline and with a fourth of the processor, and never wait in silence', async () => {
    const { page, problems, close } = await openStudio(browser, { width: 1366, height: 768, dark: true });
    await verified(page);
    await page.getByText('works offline').waitFor();
    await page.context().setOffline(true);
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await watchSilence(page);
    const lesson = lessonOf(ON_THE_LAPTOP);
    await chooseLesson(page, lesson.title);
    const played = await playLesson(page, lesson);
    expect(played.figures).toEqual(figures.get(lesson.id));
    expect(await violations(page)).toEqual([]);
    expect(await longestSilence(page)).toBeLessThan(LONGEST_SILENCE_MS);
    expect(problems).toEqual([]);
    await close();
  });
});

/** Measures for how long figures of the lesson are missing while the header says nothing of a job. */
function watchSilence(page: Page): Promise<void> {
  return page.evaluate(() => {
    const watched = window as unknown as { silence: { since: number | null; longest: number } };
    watched.silence = { since: null, longest: 0 };
    setInterval(() => {
      const { silence } = watched;
      const isMissing = [...document.querySelectorAll('.lesson-figures dd')].some(
        ({ textContent }) => textContent === '–',
      );
      const isTold = document.querySelector('.job-status[data-running="true"]') !== null;
      if (!isMissing || isTold) silence.since = null;
      else silence.since ??= performance.now();
      if (silence.since !== null) silence.longest = Math.max(silence.longest, performance.now() - silence.since);
    }, 100);
  });
}

const longestSilence = (page: Page) =>
  page.evaluate(() => (window as unknown as { silence: { longest: number } }).silence.longest);
