import { buildDiagnosisReport } from '../../../jobs/reports/diagnosis-report';
import { SENSITIVITY_SAMPLES } from '../../../state/autopilot/pipeline';
import { freshness } from '../../../state/slices/results';
import { settingsOf, type StudioState } from '../../../state/store';
import { shownSensitivity } from './shown-sensitivity';

/** The diagnosis on screen, as the command line writes it. Loaded when asked for: its schema is of no use before. */
export function diagnosisBlob(state: StudioState): { readonly name: string; readonly blob: Blob } {
  const { model, data, diagnosis, results, choices, ui } = state;
  if (!model.view || !data.view || !diagnosis.result) throw new Error('nothing to save yet'); // the button is disabled
  const settings = settingsOf(state);
  const shown = shownSensitivity(state);
  const { mode, part } = ui.sensitivity;
  const spec = { settings, samples: SENSITIVITY_SAMPLES, mode, part };
  const report = buildDiagnosisReport({
    model: model.view,
    data: data.view,
    seed: choices.present.data.seed,
    settings,
    diagnosis: diagnosis.result.value,
    sensitivity: shown && freshness(shown, settings, results.basis) === 'fresh' ? { spec, layers: shown.value } : null,
  });
  return {
    name: `${model.view.name}.diagnosis.json`,
    blob: new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' }),
  };
}
