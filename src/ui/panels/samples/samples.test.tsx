/** The Samples tab on the fake worker. */
import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { isIdle, renderStudio, violations } from '../../../testing/fakes/rendered-studio';
import { patch } from '../../../state/store';

describe('the Samples tab', () => {
  it('shows the figures of the task and which class was given which answer, by either model', async () => {
    const { store, user, until } = await renderStudio();
    await act(async () => patch(store, 'ui', { tab: 'samples' }));
    await until(({ results }) => results.verification !== null);
    await until(isIdle);
    const panel = await screen.findByRole('region', { name: 'Samples' });
    expect(within(panel).getByRole('columnheader', { name: 'Figure' })).toBeTruthy();
    const matrix = within(panel).getByRole('region', { name: 'Confusion matrix' });
    expect(within(matrix).getAllByRole('cell').map(({ textContent }) => textContent)).toEqual(['475', '25', '12', '488']); // prettier-ignore
    await user.click(within(panel).getByRole('radio', { name: 'Float' }));
    expect(within(matrix).getAllByRole('cell').map(({ textContent }) => textContent)).toEqual(['480', '20', '10', '490']); // prettier-ignore
    expect(await violations(panel)).toEqual([]);
  });
});
