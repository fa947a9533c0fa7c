/** The card of a layer on the fake worker: ranges by number, and taken back. */
import { fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { sameSettings } from '../../../core/quantize/settings-key';
import { isIdle, renderStudio } from '../../../testing/fakes/rendered-studio';
import { settingsOf } from '../../../state/store';

const card = () => screen.getByRole('region', { name: 'Output activations' });
const upper = () =>
  Number(
    within(card())
      .getByRole('slider', { name: /upper clip$/ })
      .getAttribute('aria-valuenow'),
  );

it('takes a range by number on Enter, refuses nonsense, and says that a new one is on its way after Reset', async () => {
  const { store, until } = await renderStudio();
  await until(isIdle);
  const before = upper();
  const field = within(card()).getByRole('textbox', { name: 'to' });
  const type = (value: string) => {
    fireEvent.change(field, { target: { value } });
    fireEvent.keyDown(field, { key: 'Enter' });
  };
  type('1.5');
  expect(upper()).toBe(1.5);
  expect(within(card()).getByText('manual range')).toBeTruthy();
  fireEvent.change(field, { target: { value: 'wide' } });
  expect(field.getAttribute('aria-invalid')).toBe('true');
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(upper()).toBe(1.5);
  await until(isIdle);

  fireEvent.click(within(card()).getByRole('button', { name: 'Reset' }));
  // Until the worker has answered, or where the answer is known already, the card says which of both it is.
  expect(card().getAttribute('aria-busy') === 'true' || upper() === before).toBe(true);
  // Settings equal to earlier ones find what was known of these.
  await until((state) => sameSettings(state.results.plan?.settings, settingsOf(state)));
  expect(card().getAttribute('aria-busy')).toBe('false');
  expect(upper()).toBe(before);
  expect(store.getState().choices.present.settings.tensors).toEqual({});
});
