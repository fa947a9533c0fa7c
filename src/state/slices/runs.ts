import type { Run } from '../../core/project/manifest';

/** Every configuration of the open model that was evaluated, oldest first. */
export interface RunsSlice {
  readonly list: readonly Run[];
  /** Ids of at most two, to be compared side by side. */
  readonly selected: readonly string[];
}

export const NO_RUNS: RunsSlice = { list: [], selected: [] };

/** Beyond these the oldest that nobody starred goes. */
const KEPT = 200;

/** With a run added, or brought up to date: what a person called it and whether they starred it stays. */
export function withRun(runs: RunsSlice, run: Run): RunsSlice {
  const known = runs.list.find(({ id }) => id === run.id);
  if (known) {
    const same = { ...run, name: known.name, starred: known.starred, at: known.at };
    return { ...runs, list: runs.list.map((old) => (old.id === run.id ? same : old)) };
  }
  const list = [...runs.list, run];
  const surplus = list.length > KEPT ? list.find(({ starred }) => !starred) : undefined;
  return { ...runs, list: surplus ? list.filter((old) => old !== surplus) : list };
}

export function renamed(runs: RunsSlice, id: string, change: Partial<Pick<Run, 'name' | 'starred'>>): RunsSlice {
  return { ...runs, list: runs.list.map((run) => (run.id === id ? { ...run, ...change } : run)) };
}

/** Chosen for comparison, or not any more; a third takes the place of the first. */
export function toggled(runs: RunsSlice, id: string): RunsSlice {
  const { selected } = runs;
  return {
    ...runs,
    selected: selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id].slice(-2),
  };
}

export function without(runs: RunsSlice, id: string): RunsSlice {
  return { list: runs.list.filter((run) => run.id !== id), selected: runs.selected.filter((one) => one !== id) };
}
