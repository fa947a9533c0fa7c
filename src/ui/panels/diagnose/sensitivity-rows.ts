import type { OpId } from '../../../core/graph/graph';
import type { LayerSensitivity, SensitivityMode } from '../../../jobs/contract/protocol';
import { goodness, metricInfo, type MetricName } from '../../../core/metrics/table';
import type { SensitivityMeasure } from '../../../state/slices/ui';
import { axisFromZero } from '../../charts/axis';
import type { ChartData } from '../../charts/chart';
import { decibels, deltaText } from '../../parts/format';

export interface SensitivityRow {
  readonly op: OpId;
  /** In the unit of {@link costName}; negative where the model does better with the layer quantized. */
  readonly cost: number;
  /** The figures in words. */
  readonly output: string;
  readonly score: string;
}

interface View {
  readonly mode: SensitivityMode;
  readonly measure: SensitivityMeasure;
  readonly metric: MetricName;
}

const isShare = (metric: MetricName) => metricInfo(metric).unit === 'share';
const inNoise = ({ mode, measure, metric }: View) => mode === 'alone' && (measure === 'sqnr' || metric === 'sqnr');

/** What the cost of a layer is measured in. */
export function costName(view: View): string {
  const { mode, measure, metric } = view;
  if (inNoise(view)) return 'Noise at the output, % of the signal';
  if (measure === 'sqnr' || metric === 'sqnr') return 'Output SQNR won by leaving it in float, dB';
  const unit = isShare(metric) ? 'Accuracy, points' : 'Error';
  return `${unit} ${mode === 'alone' ? 'lost to this layer alone' : 'won by leaving it in float'}`;
}

function costOf({ sqnrDb, gainDb, delta }: LayerSensitivity, view: View): number {
  const { mode, measure, metric } = view;
  // As noise, so that bars add up: twice the noise is twice the length.
  const noise = (db: number) => (Number.isFinite(db) ? 100 * 10 ** (-db / 10) : 0);
  if (measure === 'sqnr') return gainDb ?? noise(sqnrDb);
  if (metric === 'sqnr') return mode === 'alone' ? noise(delta) : delta;
  const better = (isShare(metric) ? 100 : 1) * goodness(metric, delta);
  return mode === 'alone' ? 0 - better : better;
}

/** The most costly first. */
export function sensitivityRows(layers: readonly LayerSensitivity[], view: View): SensitivityRow[] {
  const { metric, mode } = view;
  return layers
    .map((layer) => ({ layer, cost: costOf(layer, view) }))
    .sort((a, b) => b.cost - a.cost)
    .map(({ layer: { op, sqnrDb, gainDb, delta }, cost }) => ({
      op,
      cost,
      output: gainDb === undefined ? decibels(sqnrDb) : `${gainDb > 0 ? '+' : ''}${decibels(gainDb)}`,
      score: scoreText(metric, mode, delta),
    }));
}

function scoreText(metric: MetricName, mode: SensitivityMode, delta: number): string {
  if (metric === 'sqnr' && mode === 'alone') return decibels(delta);
  return deltaText(metric, delta);
}

/** The ranking as bars. */
export function rankingData(
  rows: readonly SensitivityRow[],
  view: View,
  nameOf: (op: OpId) => string,
  selected: OpId | null,
): ChartData {
  const costs = rows.map(({ cost }) => cost);
  return {
    x: { name: 'Layers, the most costly first', lo: 0, hi: rows.length, ticks: [], text: String },
    y: axisFromZero(costs, { name: costName(view), count: 4 }),
    series: [{ id: 'cost', label: 'Cost', of: 'quant', look: 'line', draw: 'bars' }],
    points: rows.map(({ op, cost, output, score }, x) => ({
      x,
      name: nameOf(op),
      values: [cost],
      texts: [`output ${output}, score ${score}`],
      marked: op === selected,
    })),
  };
}
