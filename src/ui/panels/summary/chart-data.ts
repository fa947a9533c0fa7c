import type { OpId } from '../../../core/graph/graph';
import type { MetricName } from '../../../core/metrics/table';
import type { LayerRow } from '../../../state/results/layer-rows';
import type { LayerMetric } from '../../../state/slices/ui';
import { axisFromZero } from '../../charts/axis';
import type { ChartData, Point, Series } from '../../charts/chart';
import { bytes, decibels, deltaText } from '../../parts/format';

/** An exact layer has no noise at all; its bar ends here. */
const TOP_DB = 80;

const FLOAT: Series = { id: 'float', label: 'Float', of: 'float', look: 'area', draw: 'bars' };
const QUANTIZED: Series = { id: 'quant', label: 'Quantized', of: 'quant', look: 'line', draw: 'bars' };
const PTQ: Series = { id: 'quant', label: 'PTQ', of: 'quant', look: 'area', draw: 'bars' };
const QAT: Series = { id: 'qat', label: 'QAT', of: 'qat', look: 'line', draw: 'bars' };

/** What one series says of one row: the height of its bar, and the exact figure in words. */
type Figure = readonly [height: number | null, text: string];

/** What the chart by layer shows of each row, trained weights beside what they replace. Shares are drawn in points. */
export function chartData(
  rows: readonly LayerRow[],
  metric: LayerMetric,
  score: MetricName,
  selected: OpId | null,
): ChartData {
  const figure = FIGURES[metric](score);
  const compared = metric !== 'size' && rows.some(({ untrained }) => untrained !== null);
  const series = metric === 'size' ? [FLOAT, QUANTIZED] : compared ? [PTQ, QAT] : [QUANTIZED];
  const points = rows.map((row, x): Point => {
    const figures: readonly Figure[] = series.map(({ id }) => figure(row, id));
    return {
      x,
      name: row.shortName,
      values: figures.map(([height]) => height),
      texts: figures.map(([, text]) => text),
      marked: row.layer.id === selected,
    };
  });
  const heights = points.flatMap(({ values }) => values.map((value) => value ?? 0));
  return {
    x: { name: 'Layers, in the order of the graph', lo: 0, hi: rows.length, ticks: [], text: String },
    y: axisFromZero(heights, { name: axisName(metric, score), count: 3, text: metric === 'size' ? bytes : undefined }),
    series,
    points,
  };
}

const isShare = (score: MetricName) => score === 'top1' || score === 'agreement';

function axisName(metric: LayerMetric, score: MetricName): string {
  if (metric === 'size') return 'Parameters, bytes';
  if (metric === 'sqnr') return 'SQNR of the output against float, dB';
  return isShare(score) ? 'Change of accuracy, points' : score === 'sqnr' ? 'Output SQNR, dB' : 'Change of the error';
}

const FIGURES: Readonly<Record<LayerMetric, (score: MetricName) => (row: LayerRow, series: string) => Figure>> = {
  size: () => (row, series) => {
    const size = series === 'float' ? row.floatBytes : row.quantizedBytes;
    return [size, bytes(size)];
  },
  sqnr: () => (row, series) => {
    const db = before(row, series).sqnrDb;
    return db === null || Number.isNaN(db) ? [null, 'not measured'] : [Math.min(db, TOP_DB), decibels(db)];
  },
  delta: (score) => (row, series) => {
    const { delta } = before(row, series);
    if (delta === null) return [null, 'not measured'];
    return [isShare(score) ? 100 * delta : delta, deltaText(score, delta)];
  },
};

/** Figures of a row as they were without training, where the series is about that. */
function before(row: LayerRow, series: string): Pick<LayerRow, 'sqnrDb' | 'delta'> {
  return series === 'quant' && row.untrained ? row.untrained : row;
}
