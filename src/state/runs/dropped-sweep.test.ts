import { expect, it } from 'vitest';
import { madeUpReport, madeUpTrial } from '../../testing/builders/trial';
import { fakeStudio } from '../../testing/fakes/fake-studio';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';

const file = (path: string, value: unknown) => ({ path, blob: new Blob([JSON.stringify(value)]) });

function result(fingerprint: string, format: string, accuracy: number) {
  const trial = madeUpTrial({ settings: { ...DEFAULT_SETTINGS, weights: { ...DEFAULT_SETTINGS.weights, format } } });
  const report = { ...madeUpReport(trial, accuracy), fingerprint };
  return file(`out/results/${report.key}.json`, report);
}

it('shows the trials of the open model under Runs, and takes in what has come since', async () => {
  const { controller, state, store } = fakeStudio();
  await controller.opener.start();
  const { fingerprint } = state().model.view!;
  const plan = file('out/sweep.json', { sweep: 1 });
  const notices = () => state().jobs.notices.map(({ text }) => text);
  const before = state().runs.list.length;

  await controller.opener.openFiles([plan, result(fingerprint, 'int4', 0.7), result('another', 'int6', 0.9)]);
  expect(state().runs.list.slice(before)).toMatchObject([
    { name: 'W4A8', simulated: { value: 0.7 }, exact: null, at: 0 },
  ]);
  expect(state().ui.tab).toBe('runs');
  expect(notices().at(-1)).toBe('One trial of a sweep is among the runs; 1 of another model.');

  const damaged = { path: `out/results/${'0'.repeat(64)}.json`, blob: new Blob(['{']) };
  await controller.opener.openFiles([
    plan,
    result(fingerprint, 'int4', 0.7),
    result(fingerprint, 'int6', 0.8),
    damaged,
  ]);
  expect(
    state()
      .runs.list.slice(before)
      .map(({ name }) => name),
  ).toEqual(['W4A8', 'W6A8']);
  expect(notices().at(-1)).toContain('1 that cannot be read');
  expect(store.getState().model.view).not.toBeNull();
  controller.cancel();
});
