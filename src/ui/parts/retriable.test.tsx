import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ErrorBoundary } from './ErrorBoundary';
import { retriable } from './retriable';

// React tells the console of every error that a boundary catches.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

it('offers to fetch a part again that could not be fetched, and leaves the rest alone', async () => {
  let online = false;
  const Part = retriable('The view Cost', async () => {
    if (!online) throw new TypeError('Failed to fetch dynamically imported module: /assets/CostPanel-1.js');
    return { default: () => <h2>Cost</h2> };
  });
  render(
    <>
      <p>The rest</p>
      <Part />
    </>,
  );
  expect(await screen.findByRole('heading', { name: 'The view Cost could not be loaded' })).toBeTruthy();
  expect(screen.getByRole('alert').textContent).toContain('Rangefinder was updated');
  expect(screen.getByRole('button', { name: 'Reload the page' })).toBeTruthy();
  expect(screen.getByText('The rest')).toBeTruthy();
  online = true;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Cost' })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('offers a report of what was not foreseen, without data', async () => {
  const user = userEvent.setup();
  let broken = true;
  function Broken() {
    if (broken) throw new Error('of undefined');
    return <p>Mended</p>;
  }
  render(
    <ErrorBoundary what="This view">
      <Broken />
    </ErrorBoundary>,
  );
  expect(screen.getByRole('heading', { name: 'This view could not be shown' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Copy a report' }));
  const report = await navigator.clipboard.readText();
  expect(report).toContain('What: of undefined');
  expect(report).toContain(`Browser: ${navigator.userAgent}`);
  broken = false;
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(screen.getByText('Mended')).toBeTruthy();
});
