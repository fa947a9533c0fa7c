import type { OpId } from '../../../core/graph/graph';
import type { LayerSensitivity, SensitivityMode } from '../../../jobs/contract/protocol';
import { goodness, type MetricName } from '../../../core/metrics/table';
import type { SensitivityMeasure } from '../../../state/slices/ui';
import { decibels, deltaText } from '../../parts/format';

export interface SensitivityRow {
  readonly op: OpId;
  /** Against the most costly, 0 … 1. */
  readonly bar: number;
  /** bad: it costs; good: the model does better so. */
  readonly tone: 'bad' | 'good';
  /** The figures in words. */
  readonly output: string;
  readonly score: string;
}

interface View {
  readonly mode: SensitivityMode;
  readonly measure: SensitivityMeasure;
  readonly metric: MetricName;
}

/** What a layer costs in the measure chosen; negative where the model does better with it quantized. */
function costOf({ sqnrDb, gainDb, delta }: LayerSensitivity, { mode, measure, metric }: View): number {
  // Noise at the output, so that bars add up: twice the noise is twice the length.
  if (measure === 'sqnr') return gainDb ?? (Number.isFinite(sqnrDb) ? 10 ** (-sqnrDb / 10) : 0);
  if (metric === 'sqnr') return mode === 'alone' ? 10 ** (-delta / 10) : delta;
  const better = goodness(metric, delta);
  return mode === 'alone' ? -better : better;
}

/** The most costly first. */
export function sensitivityRows(layers: readonly LayerSensitivity[], view: View): SensitivityRow[] {
  const { metric, mode } = view;
  const costs = layers.map((layer) => ({ layer, cost: costOf(layer, view) }));
  const most = costs.reduce((largest, { cost }) => Math.max(largest, Math.abs(cost)), 0) || 1;
  return costs
    .sort((a, b) => b.cost - a.cost)
    .map(({ layer: { op, sqnrDb, gainDb, delta }, cost }) => ({
      op,
      bar: Math.abs(cost) / most,
      tone: cost < 0 ? 'good' : 'bad',
      output: gainDb === undefined ? decibels(sqnrDb) : `${gainDb > 0 ? '+' : ''}${decibels(gainDb)}`,
      score: scoreText(metric, mode, delta),
    }));
}

function scoreText(metric: MetricName, mode: SensitivityMode, delta: number): string {
  if (metric === 'sqnr' && mode === 'alone') return decibels(delta);
  return deltaText(metric, delta);
}
