/** The page as a whole, on the fake worker. */
import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { isIdle, renderStudio, violations } from '../../testing/fakes/rendered-studio';

/** What the tabs in the middle switch. */
const view = () => document.getElementById('view')!;

it('hinders nobody while it is empty', async () => {
  await renderStudio('?sample=none');
  expect(screen.getByRole('heading', { name: 'Drop a model and data anywhere' })).toBeTruthy();
  expect(await violations()).toEqual([]);
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
