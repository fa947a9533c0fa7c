/** Lessons on the page, on the fake worker: locks, predictions, hints, what is handed in, the editor, a class. */
import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { readLesson } from '../../../core/lessons/read-lesson';
import { readCode } from '../../../core/lessons/result';
import { SMALL_LESSON } from '../../../testing/builders/small-lesson';
import { isIdle, renderStudio, violations } from '../../../testing/fakes/rendered-studio';
import { patch } from '../../../state/store';

const TEXT = JSON.stringify(SMALL_LESSON, null, 2);

async function opened(query = '?sample=none') {
  const studio = await renderStudio(query);
  await act(async () => patch(studio.store, 'lessons', { arrived: { name: 'small.json', text: TEXT } }));
  return { ...studio, card: await screen.findByRole('complementary', { name: /One scale for all/ }) };
}

it('a lesson goes from a locked prediction to a code to hand in', async () => {
  const { card, user, until, controller } = await opened();
  await user.click(screen.getByRole('tab', { name: /^Settings/ }));
  expect(document.getElementById('side')!.hasAttribute('inert')).toBe(true);
  expect(within(card).getByText('Locked until then: Settings.')).toBeTruthy();
  expect(within(card).getByRole<HTMLButtonElement>('button', { name: 'Next' }).disabled).toBe(true);
  expect(await violations(card)).toEqual([]);

  fireEvent.change(within(card).getByRole('spinbutton', { name: /Right/ }), { target: { value: '50' } });
  await user.click(within(card).getByRole('button', { name: 'Predict' }));
  expect(document.getElementById('side')!.hasAttribute('inert')).toBe(false);
  await user.click(within(card).getByRole('button', { name: 'Next' }));

  await user.click(within(card).getByRole('radio', { name: 'Bits' }));
  await user.click(within(card).getByRole('button', { name: 'Check' }));
  expect(within(card).getByText('Not yet.')).toBeTruthy();
  await user.click(within(card).getByRole('button', { name: 'Hint' }));
  expect(within(card).getByText('Look at Settings.')).toBeTruthy();
  await user.click(within(card).getByRole('radio', { name: 'Spread' }));
  await act(async () => controller.edit((s) => ({ ...s, weights: { ...s.weights, granularity: 'channel' } })));
  await user.click(within(card).getByRole('button', { name: 'Check' }));
  expect(within(card).getByText('That is it.')).toBeTruthy();
  await user.click(within(card).getByRole('button', { name: 'Next' }));

  await act(async () => void controller.pipeline.refresh());
  await until(({ results }) => results.verification !== null);
  await until(isIdle);
  expect(within(card).getByText(/You predicted/)).toBeTruthy();
  await user.click(within(card).getByRole('button', { name: 'Next' }));
  await user.click(within(card).getByRole('radio', { name: 'Large' }));
  await user.click(within(card).getByRole('button', { name: 'Answer' }));
  expect(within(card).getByText('Not quite: Small.')).toBeTruthy();
  await user.click(within(card).getByRole('button', { name: 'Finish' }));
  const code = within(card).getByText(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/).textContent;
  expect(readCode(code)).toMatchObject({ finished: true, done: 4, hints: 1, failed: 1, predicted: 1 });
  expect(await violations(card)).toEqual([]);
});

it('a lesson that was left goes on where it was', async () => {
  const studio = await opened();
  fireEvent.change(within(studio.card).getByRole('spinbutton', { name: /Right/ }), { target: { value: '50' } });
  await studio.user.click(within(studio.card).getByRole('button', { name: 'Predict' }));
  await studio.user.click(within(studio.card).getByRole('button', { name: 'Next' }));
  await studio.user.click(within(studio.card).getByRole('button', { name: 'Leave the lesson' }));
  await studio.until(({ lessons }) => lessons.open === null);
  await act(async () => patch(studio.store, 'lessons', { arrived: { name: 'small.json', text: TEXT } }));
  expect(await screen.findByRole('region', { name: 'Act: Switch' })).toBeTruthy();
});

it('a broken lesson is refused with its line, and nothing of the page changes', async () => {
  const { store, until } = await renderStudio();
  await until(isIdle);
  const before = store.getState().model;
  await act(async () =>
    patch(store, 'lessons', { arrived: { name: 'x.json', text: TEXT.replace('"act"', '"play"') } }),
  );
  expect((await screen.findByRole('alert')).textContent).toMatch(/Line \d+/);
  expect(store.getState().model).toBe(before);
});

it('the editor says what is wrong as it is typed, and what it saves is what was read', async () => {
  const { store, user } = await renderStudio('?sample=none');
  await act(async () => patch(store, 'lessons', { screen: 'editor' }));
  const field = await screen.findByRole<HTMLTextAreaElement>('textbox', { name: 'The lesson as JSON' });
  fireEvent.change(field, { target: { value: TEXT } });
  const preview = screen.getByRole('region', { name: 'Preview' });
  expect(await within(preview).findByText('One scale for all')).toBeTruthy();
  expect(readLesson(field.value)).toEqual(SMALL_LESSON);
  fireEvent.change(field, { target: { value: TEXT.replace('score(\\"file\\")', 'scoer(\\"file\\")') } });
  expect((await within(preview).findAllByText(/“scoer” is not among the words/)).length).toBeGreaterThan(0);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save the file' }).disabled).toBe(true);
  expect(await violations(screen.getByRole('dialog'))).toEqual([]);
  await user.keyboard('{Escape}');
});

it('HTML in a lesson stays text, and links lead to the web only', async () => {
  const { store } = await renderStudio('?sample=none');
  await act(async () => patch(store, 'lessons', { screen: 'editor' }));
  const field = await screen.findByRole('textbox', { name: 'The lesson as JSON' });
  const evil =
    '<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](https://example.org) ![c](https://example.org/c.png)';
  const text = JSON.stringify({ ...SMALL_LESSON, steps: [{ ...SMALL_LESSON.steps[0], text: evil }] });
  fireEvent.change(field, { target: { value: text } });
  const preview = screen.getByRole('region', { name: 'Preview' });
  expect(await within(preview).findByText(/<img src=x onerror=alert\(1\)>/)).toBeTruthy();
  expect(preview.querySelectorAll('img, script')).toHaveLength(0);
  expect([...preview.querySelectorAll('a')].map(({ href }) => href)).not.toContain('javascript:alert(1)');
  expect([...preview.querySelectorAll('a')].map(({ href }) => href)).toContain('https://example.org/');
});
