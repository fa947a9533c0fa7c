/** What is known of the configuration of this moment, as a run. */
import type { Run } from '../../core/project/manifest';
import { settingsName } from '../../core/quantize/settings-name';
import type { Score } from '../../jobs/contract/judgement-protocol';
import { runData, runId } from '../../jobs/reports/run-identity';
import { freshness } from '../slices/results';
import { settingsOf, type StudioState } from '../store';

const finite = (value: number) => (Number.isFinite(value) ? value : null);
const scoreOf = ({ metric, value, samples, interval }: Score) => ({
  metric,
  value: finite(value),
  samples,
  ...(interval && Number.isFinite(interval.low + interval.high) && { interval: { ...interval } }),
});

/** null before the configuration is evaluated on all samples. `at`: milliseconds since 1970 */
export function runOf(state: StudioState, at: number): Run | null {
  const { model, data, results, choices } = state;
  const settings = settingsOf(state);
  const fresh = <K extends 'evaluation' | 'exported' | 'verification' | 'plan'>(slot: K) =>
    freshness(results[slot], settings, results.basis) === 'fresh' ? results[slot]!.value : null;
  const evaluation = fresh('evaluation') as NonNullable<typeof results.evaluation>['value'] | null;
  const plan = fresh('plan') as NonNullable<typeof results.plan>['value'] | null;
  if (!model.view || !data.view || !evaluation || !plan) return null;
  const exported = fresh('exported') as NonNullable<typeof results.exported>['value'] | null;
  const verification = fresh('verification') as NonNullable<typeof results.verification>['value'] | null;
  const { seed, evaluationSamples } = choices.present.data;
  const samples = runData(data.view, evaluationSamples, seed);
  return {
    id: runId(model.view.fingerprint, settings, samples),
    name: settingsName(settings),
    starred: false,
    at,
    settings,
    data: samples,
    bytes: exported?.bytes.length ?? null,
    float: scoreOf(evaluation.float),
    simulated: scoreOf(evaluation.quantized),
    file: verification && scoreOf(verification.file),
    exact: verification && verification.runtime.mismatches === 0,
    latencyMs: verification?.latencyMs.quantized ?? null,
    outputSqnrDb: finite(evaluation.outputSqnrDb),
    layers: evaluation.layers.map(({ op, sqnrDb }) => ({ op, sqnrDb: finite(sqnrDb) })),
    ranges: Object.values(plan.activations).map(({ tensor, range }) => ({ tensor, ...range })),
  };
}
