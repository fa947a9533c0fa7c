import { changesModel } from '../../core/quantize/settings';
import { comparedWith, untrainedSettings } from '../results/comparison';
import { obstacle } from '../edits/storable';
import { isTunable } from '../slices/model';
import { freshness, type Stamped } from '../slices/results';
import { isUnderWay } from '../slices/training';
import type { StudioState } from '../store';

/** The stages of the automatic pipeline, in order. */
export type Step =
  'calibrate' | 'applyAlgorithms' | 'plan' | 'evaluate' | 'export' | 'verify' | 'compare' | 'sensitivity';

/** `quick` follows a person at work: only what is cheap. `full` is for the first time, for idle time and on demand. */
export type Effort = 'quick' | 'full';

const FULL_ORDER = [
  // Before the evaluation: the file takes a moment, and can be had while a large model is still being measured.
  ['export', 'exported'],
  ['evaluate', 'evaluation'],
  ['verify', 'verification'],
  ['compare', 'untrained'],
  ['sensitivity', 'sensitivity'],
] as const;

/** What has to be computed next for everything shown to be current; null when it is. */
export function nextStep(state: StudioState, effort: Effort): Step | null {
  const { model, data, results, choices } = state;
  if (!model.view || !data.view || model.opening !== null || data.opening !== null) return null;
  if (!isTunable(model) || data.outdated || data.fromBefore) return null;
  if (results.calibration?.basis !== results.basis) return 'calibrate';
  const fresh = (result: Stamped<unknown> | null) =>
    freshness(result, choices.present.settings, results.basis) === 'fresh';
  if (changesModel(choices.present.settings) && !fresh(results.variant)) return 'applyAlgorithms';
  if (!fresh(results.plan)) return 'plan';
  if (effort === 'quick') return null;
  const storable = results.plan !== null && obstacle(results.plan.value) === null;
  const wanted: Readonly<Record<(typeof FULL_ORDER)[number][0], boolean>> = {
    export: storable,
    evaluate: true,
    verify: storable && !results.verificationSkipped,
    compare: untrainedSettings(state) !== null,
    // It runs in the background as training does, and would only slow it down.
    sensitivity: !isUnderWay(state.training.run),
  };
  const known = (slot: (typeof FULL_ORDER)[number][1]) =>
    slot === 'untrained' ? comparedWith(state)?.evaluation : fresh(results[slot]);
  return FULL_ORDER.find(([step, slot]) => wanted[step] && !known(slot))?.[0] ?? null;
}

/** Whether nothing can go on before a person brings data that fits the model. */
export function wantsData({ model, data }: StudioState): boolean {
  const ready = data.view !== null && !data.outdated && !data.fromBefore;
  return isTunable(model) && model.opening === null && data.opening === null && !ready;
}
