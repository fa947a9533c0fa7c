/** Runs of a sweep's folder. Dropped again while the sweep goes on, it brings what has come since. */
import type { Run } from '../../core/project/manifest';
import type { TrialReport } from '../../jobs/reports/trial-report';
import type { PickedFile } from '../opening/files';
import { withRun } from '../slices/runs';
import { patch, type StudioStore } from '../store';

const RESULT = /(^|\/)results\/[0-9a-f]{64}\.json$/;
const PLAN = /(^|\/)sweep\.json$/;
/** The page keeps some hundred runs: of a larger sweep those that score best. */
const MOST_RUNS = 150;
/** Reports of models of a thousand layers have less. */
const MOST_BYTES = 16 * 2 ** 20;

type Notify = (tone: 'info' | 'warning', text: string) => void;

/** Takes the trials of the open model among the runs; false for files that are no sweep. */
export async function takeSweep(store: StudioStore, files: readonly PickedFile[], notify: Notify): Promise<boolean> {
  const results = files.filter(({ path, blob }) => RESULT.test(path) && blob.size < MOST_BYTES);
  if (results.length === 0 || !files.some(({ path }) => PLAN.test(path))) return false;
  const { view } = store.getState().model;
  if (!view) {
    notify('warning', 'These are results of a sweep: open its model first, then drop the folder again.');
    return true;
  }
  const { trialReportSchema } = await import('../../jobs/reports/trial-report');
  const { runOfTrial } = await import('./run-of-trial');
  const reports: TrialReport[] = [];
  let unread = 0;
  for (const { blob } of results) {
    const read = trialReportSchema.safeParse(jsonIn(await blob.text()));
    if (read.success) reports.push(read.data);
    else unread++;
  }
  const own = reports.filter(({ fingerprint }) => fingerprint === view.fingerprint);
  const runs = best(own.map(runOfTrial));
  store.setState((state) => ({ runs: runs.reduce(withRun, state.runs) }));
  if (runs.length > 0) patch(store, 'ui', { tab: 'runs' });
  const rest = [
    runs.length < own.length && `the best of ${own.length}`,
    own.length < reports.length && `${reports.length - own.length} of another model`,
    unread > 0 && `${unread} that cannot be read`,
  ].filter(Boolean);
  const what = runs.length === 1 ? 'One trial of a sweep is' : `${runs.length} trials of a sweep are`;
  const words = rest.length > 0 ? `; ${rest.join('; ')}` : '';
  notify(runs.length > 0 ? 'info' : 'warning', `${what} among the runs${words}.`);
  return true;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The best last, as runs come to be: the newest is what the table begins with. */
function best(runs: readonly { readonly run: Run; readonly goodness: number }[]): Run[] {
  return runs
    .toSorted((a, b) => a.goodness - b.goodness)
    .slice(-MOST_RUNS)
    .map(({ run }) => run);
}
