/** Whether the file can be had, and the way to have it: every button that hands it out asks here. */
import type { Exported } from '../../jobs/contract/protocol';
import { obstacle } from '../edits/storable';
import { isTunable } from '../slices/model';
import { freshness } from '../slices/results';
import { patch, settingsOf, type StudioState, type StudioStore } from '../store';
import { wantsData } from './next-step';
import type { Pipeline } from './pipeline';

/** none: nothing is quantized; blocked: no file can hold what is planned; ready: written and checked, or the check was skipped. */
export type FileState = 'none' | 'blocked' | 'pending' | 'ready';

export function fileState(state: StudioState): FileState {
  const { model, results } = state;
  if (!isTunable(model) || wantsData(state)) return 'none';
  if (results.plan && obstacle(results.plan.value)) return 'blocked';
  const isFresh = (slot: 'exported' | 'verification') =>
    freshness(results[slot], settingsOf(state), results.basis) === 'fresh';
  return isFresh('exported') && (isFresh('verification') || results.verificationSkipped) ? 'ready' : 'pending';
}

/**
 * The file of the settings of this moment, at once where it is checked, else as soon as it is. null where it does not come
 * to that: the person takes it back (`ui.saving` turns false) or stops the work, or a step fails.
 */
export async function checkedFile(store: StudioStore, pipeline: Pipeline): Promise<Exported | null> {
  const ready = () => {
    const state = store.getState();
    return fileState(state) === 'ready' ? state.results.exported!.value : null;
  };
  const file = ready();
  if (file) return file;
  patch(store, 'ui', { saving: true });
  const settled = pipeline.settle();
  try {
    return await new Promise<Exported | null>((resolve) => {
      const look = () => {
        const { ui, jobs } = store.getState();
        const now = ready();
        if (now === null && ui.saving && !jobs.stopped) return;
        forget();
        resolve(ui.saving ? now : null);
      };
      const forget = store.subscribe(look);
      // Where everything is done and there is still no file, there will be none.
      void settled.then(() => {
        forget();
        resolve(store.getState().ui.saving ? ready() : null);
      });
      look();
    });
  } finally {
    patch(store, 'ui', { saving: false });
  }
}
