/** What is known of the configuration of this moment, as a run. */
import { crc32 } from '../../base/crc32';
import type { Run } from '../../core/project/manifest';
import { settingsKey } from '../../core/quantize/settings-key';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import type { Score } from '../../jobs/contract/judgement-protocol';
import { formatsInWords } from '../edits/formats-in-words';
import { freshness } from '../slices/results';
import { settingsOf, type StudioState } from '../store';

const finite = (value: number) => (Number.isFinite(value) ? value : null);
const scoreOf = ({ metric, value, samples, interval }: Score) => ({
  metric,
  value: finite(value),
  samples,
  ...(interval && Number.isFinite(interval.low + interval.high) && { interval: { ...interval } }),
});
const checksum = (value: unknown) =>
  crc32(new TextEncoder().encode(JSON.stringify(value)))
    .toString(16)
    .padStart(8, '0');

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
  const samples = checksum([data.view.preprocessing, data.view.samples, data.view.sampleShape]);
  const dataKey = `${data.view.name}, ${evaluationSamples} samples, seed ${seed} (${samples})`;
  return {
    id: `${checksum([model.view.fingerprint, settingsKey(settings)])}-${checksum(dataKey)}`,
    name: nameOf(settings),
    starred: false,
    at,
    settings,
    data: dataKey,
    bytes: exported?.bytes.length ?? null,
    float: scoreOf(evaluation.float),
    simulated: scoreOf(evaluation.quantized),
    file: verification && scoreOf(verification.file),
    exact: verification && verification.runtime.mismatches === 0,
    latencyMs: verification && finite(verification.latencyMs.quantized),
    outputSqnrDb: finite(evaluation.outputSqnrDb),
    layers: evaluation.layers.map(({ op, sqnrDb }) => ({ op, sqnrDb: finite(sqnrDb) })),
    ranges: Object.values(plan.activations).map(({ tensor, range }) => ({ tensor, ...range })),
  };
}

/** "W4A8, per tensor, 2 algorithms, QAT" */
function nameOf(settings: QuantSettings): string {
  const { weights, algorithms = [], tensors, rules = [], trained } = settings;
  const own = Object.keys(tensors).length;
  const chosen = (['weights', 'activations'] as const)
    .map((of) => ({ id: settings[of].estimator.id, usual: DEFAULT_SETTINGS[of].estimator.id }))
    .filter(({ id, usual }) => id !== usual);
  return [
    formatsInWords(settings),
    weights.granularity !== 'channel' && `per ${weights.granularity}`,
    ...new Set(chosen.map(({ id }) => id)),
    algorithms.length > 0 && algorithms.map(({ id }) => id).join(' + '),
    rules.length > 0 && `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`,
    trained === undefined && own > 0 && `${own} own ${own === 1 ? 'range' : 'ranges'}`,
    trained !== undefined && 'QAT',
  ]
    .filter(Boolean)
    .join(', ');
}
