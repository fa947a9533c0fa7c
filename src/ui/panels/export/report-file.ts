import { buildReport, type Report, type ReportParts } from '../../../jobs/reports/report';
import { comparedWith, trainedInUse } from '../../../state/results/comparison';
import { settingsOf, type StudioState } from '../../../state/store';

/** The report of what is on screen; null before there is a file and its evaluation. Its schema is loaded when asked for. */
export function reportOf(state: StudioState): Report | null {
  const { model, data, results, choices, jobs } = state;
  const { exported, evaluation, verification, sensitivity } = results;
  if (!model.view || !data.view || !exported || !evaluation) return null;
  return buildReport({
    model: model.view,
    data: data.view,
    seed: choices.present.data.seed,
    settings: settingsOf(state),
    exported: exported.value,
    evaluation: evaluation.value,
    verification: verification?.value ?? null,
    ...(sensitivity && { sensitivity: sensitivity.value }),
    ...trainingOf(state),
    timings: jobs.timings,
  });
}

export function reportBlob(state: StudioState): { readonly name: string; readonly blob: Blob } {
  const report = reportOf(state);
  if (!report) throw new Error('nothing to report yet'); // the button is disabled
  return {
    name: state.results.exported!.value.fileName.replace(/\.tflite$/, '') + '.report.json',
    blob: new Blob([JSON.stringify(report, null, 2)], { type: 'application/json' }),
  };
}

function trainingOf(state: StudioState): Pick<ReportParts, 'training'> {
  const trained = trainedInUse(state);
  if (!trained) return {};
  const { epochs, epoch, milliseconds, objective, samples, training, history } = trained;
  return {
    training: {
      untrained: comparedWith(state)?.evaluation?.value.quantized.value ?? null,
      epochs,
      bestEpoch: epoch,
      milliseconds,
      objective,
      samples,
      settings: { ...training },
      history: history.map((row) => ({ ...row })),
    },
  };
}
