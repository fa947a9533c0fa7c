import type { MetricName } from '../../jobs/protocol';
import type { LayerRow } from '../../state/layer-rows';
import type { LayerMetric } from '../../state/slices/ui';
import { bytes, decibels, deltaText } from '../format';

export interface Datum {
  readonly id: string;
  readonly name: string;
  /** Height of the bar; null where nothing is known. */
  readonly value: number | null;
  /** The same before quantization, where that is a comparison. */
  readonly before?: number;
  /** The exact figure in words. */
  readonly text: string;
}

/** An exact layer has no noise at all; its bar ends here. */
const TOP_DB = 80;

/** What the chart by layer shows of each row. Shares are drawn in points. */
export function chartData(rows: readonly LayerRow[], metric: LayerMetric, score: MetricName): Datum[] {
  const points = score === 'top1' || score === 'agreement' ? 100 : 1;
  return rows.map(({ layer, shortName, sqnrDb, delta, floatBytes, quantizedBytes }): Datum => {
    const common = { id: layer.id, name: shortName };
    if (metric === 'size')
      return {
        ...common,
        value: quantizedBytes,
        before: floatBytes,
        text: `${bytes(floatBytes)} → ${bytes(quantizedBytes)}`,
      };
    if (metric === 'delta')
      return {
        ...common,
        value: delta === null ? null : delta * points,
        text: delta === null ? 'not measured' : deltaText(score, delta),
      };
    const value = sqnrDb === null || Number.isNaN(sqnrDb) ? null : Math.min(sqnrDb, TOP_DB);
    return { ...common, value, text: sqnrDb === null ? 'not measured' : decibels(sqnrDb) };
  });
}
