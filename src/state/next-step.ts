import { obstacle } from './storable';
import { freshness, type Stamped } from './slices/results';
import type { StudioState } from './store';

/** The stages of the automatic pipeline, in order. */
export type Step = 'calibrate' | 'improve' | 'plan' | 'evaluate' | 'export' | 'verify' | 'sensitivity';

/** `quick` follows a person at work: only what is cheap. `full` is for the first time, for idle time and on demand. */
export type Effort = 'quick' | 'full';

const FULL_ORDER = [
  // Before the evaluation: the file takes a moment, and can be had while a large model is still being measured.
  ['export', 'exported'],
  ['evaluate', 'evaluation'],
  ['verify', 'verification'],
  ['sensitivity', 'sensitivity'],
] as const;

/** What has to be computed next for everything shown to be current; null when it is. */
export function nextStep(state: StudioState, effort: Effort): Step | null {
  const { model, data, results, choices } = state;
  if (!model.view || !data.view || model.opening !== null || data.opening !== null) return null;
  if (model.view.alreadyQuantized || !model.view.computable || data.outdated) return null;
  if (results.calibration?.basis !== results.basis) return 'calibrate';
  const fresh = (result: Stamped<unknown> | null) =>
    freshness(result, choices.present.settings, results.basis) === 'fresh';
  if (choices.present.settings.algorithms?.length && !fresh(results.variant)) return 'improve';
  if (!fresh(results.plan)) return 'plan';
  if (effort === 'quick') return null;
  const storable = results.plan !== null && obstacle(results.plan.value) === null;
  const wanted = ([step]: (typeof FULL_ORDER)[number]) =>
    step === 'export' ? storable : step === 'verify' ? storable && !results.verificationSkipped : true;
  return FULL_ORDER.filter(wanted).find(([, slot]) => !fresh(results[slot]))?.[0] ?? null;
}
