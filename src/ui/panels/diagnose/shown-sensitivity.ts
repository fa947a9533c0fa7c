import { lookup } from '../../../base/lookup';
import type { LayerSensitivity } from '../../../jobs/contract/protocol';
import { sensitivityKey } from '../../../state/slices/diagnosis';
import type { Stamped } from '../../../state/slices/results';
import { settingsOf, type StudioState } from '../../../state/store';
import { sameSettings } from '../../../core/quantize/settings-key';

/** What was measured as chosen; the usual measurement comes by itself and serves as well. */
export function shownSensitivity(state: StudioState): Stamped<readonly LayerSensitivity[]> | null {
  const { mode, part } = state.ui.sensitivity;
  const own = lookup(state.diagnosis.sensitivities, sensitivityKey({ mode, part })) ?? null;
  const usual = mode === 'alone' && part === 'both' ? state.results.sensitivity : null;
  const known = [own, usual].filter((result) => result?.basis === state.results.basis);
  return known.find((result) => sameSettings(result?.settings, settingsOf(state))) ?? known[0] ?? null;
}
