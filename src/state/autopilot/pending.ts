import type { StudioState } from '../store';
import { nextStep, wantsData } from './next-step';

/** What the page is about while no job runs: 'ready' is said only where nothing shown is about to change. */
export type Standing = 'starting' | 'ready' | 'waiting-for-data' | 'about-to-compute' | 'stopped';

export function standing(state: StudioState): Standing {
  if (state.jobs.backend === null) return 'starting';
  if (wantsData(state)) return 'waiting-for-data';
  if (nextStep(state, 'full') === null && state.data.opening === null) return 'ready';
  return state.jobs.stopped ? 'stopped' : 'about-to-compute';
}
