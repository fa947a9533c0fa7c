/** The page as a whole, on the fake worker. */
import { act, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { patch } from '../../state/store';
import { isIdle, renderStudio, violations } from '../../testing/fakes/rendered-studio';

/** What the tabs in the middle switch. */
const view = () => document.getElementById('view')!;

it('hinders nobody while it is empty', async () => {
  await renderStudio('?sample=none');
  expect(screen.getByRole('heading', { name: 'Drop a model and data anywhere' })).toBeTruthy();
  expect(await violations()).toEqual([]);
});

it('says above everything that a file scores otherwise than its simulation', async () => {
  const { store, until } = await renderStudio();
  await until(isIdle);
  const { verification } = store.getState().results;
  const parting = 'The file is not what was simulated: 71.0 % against 75.0 %.';
  const simulation = { ...verification!.value.simulation!, parting };
  act(() =>
    patch(store, 'results', { verification: { ...verification!, value: { ...verification!.value, simulation } } }),
  );
  expect(screen.getByRole('alert').textContent).toBe(parting);
});

it('hinders nobody with a result, on any tab', async () => {
  const { user, until } = await renderStudio();
  await until(isIdle);
  for (const tab of ['Layer', 'Diagnose', 'Improve', 'Mix', 'Train', 'Cost']) {
    await user.click(screen.getByRole('tab', { name: new RegExp(`^${tab}`) }));
    await within(view()).findAllByRole('heading');
    await until(isIdle);
    expect(await violations(view())).toEqual([]);
  }
});
