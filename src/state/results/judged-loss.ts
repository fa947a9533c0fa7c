import { isWithinChance, type Difference } from '../../core/metrics/interval';
import { metricInfo, type MetricName } from '../../core/metrics/table';
import { valueText } from '../../core/metrics/words';
import { worstOutput } from '../../core/metrics/worst-output';
import { freshness } from '../slices/results';
import { settingsOf, type StudioState } from '../store';

/** What quantizing changed, on the same samples; of the file where it was run, else of its simulation. */
export interface JudgedLoss {
  readonly metric: MetricName;
  readonly difference: Difference;
  /** Whether more is lost than chance explains. */
  readonly isLost: boolean;
  /** Of several outputs, the worst, with its decibels, where it is far from float; null where none is. */
  readonly farOutput: string | null;
}

/** Below this an output gives other answers. */
const POOR_DB = 15;

/** Under the settings of this moment; null where that is not known, or was not measured whole. */
export function judgedLoss(state: StudioState): JudgedLoss | null {
  const { verification, evaluation, basis } = state.results;
  const settings = settingsOf(state);
  const known = [verification, evaluation].find((result) => freshness(result, settings, basis) === 'fresh')?.value;
  if (!known?.difference || !Number.isFinite(known.difference.value)) return null;
  const { difference } = known;
  const { metric } = known.float;
  const isWorse = difference.value < 0 === metricInfo(metric).higherIsBetter;
  const worst = known.outputs.length > 1 ? worstOutput(known.outputs) : null;
  const farOutput = worst && worst.sqnrDb < POOR_DB ? `${worst.name} (${valueText('sqnr', worst.sqnrDb)})` : null;
  return { metric, difference, isLost: isWorse && !isWithinChance(difference), farOutput };
}
