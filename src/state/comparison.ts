/** What trained weights are held against: the same formats and ranges to start from, quantized without training. */
import type { QuantSettings } from '../core/quantize/settings';
import type { Snapshot } from './slices/results';
import type { Trained } from './slices/training';
import { settingsOf, type StudioState } from './store';

/** The training whose weights are in use. */
export function trainedInUse(state: StudioState): Trained | null {
  const { trained } = settingsOf(state);
  return trained === undefined ? null : (state.training.known[trained] ?? null);
}

/** The settings that the trained weights in use started from; null where none are. */
export function untrainedSettings(state: StudioState): QuantSettings | null {
  return trainedInUse(state)?.from ?? null;
}

/** What is known under them. */
export function comparedWith(state: StudioState): Snapshot | null {
  const { untrained, basis } = state.results;
  return untrained?.settings === untrainedSettings(state) && untrained?.basis === basis ? untrained : null;
}
