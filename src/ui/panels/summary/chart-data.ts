import type { MetricName } from '../../../core/metrics/table';
import type { LayerRow } from '../../../state/results/layer-rows';
import type { LayerMetric } from '../../../state/slices/ui';
import { bytes, decibels, deltaText } from '../../parts/format';

/** What a bar is of; it has its colour. */
export type BarOf = 'float' | 'quant' | 'qat';

export interface Bar {
  readonly of: BarOf;
  /** Height; null where nothing is known. */
  readonly value: number | null;
}

export interface Datum {
  readonly id: string;
  readonly name: string;
  /** One, or two that are compared. */
  readonly bars: readonly Bar[];
  /** The exact figures in words. */
  readonly text: string;
}

/** An exact layer has no noise at all; its bar ends here. */
const TOP_DB = 80;

/** What the chart by layer shows of each row, trained weights beside what they replace. Shares are drawn in points. */
export function chartData(rows: readonly LayerRow[], metric: LayerMetric, score: MetricName): Datum[] {
  const points = score === 'top1' || score === 'agreement' ? 100 : 1;
  const heights = {
    delta: (delta: number | null) => (delta === null ? null : delta * points),
    sqnr: (db: number | null) => (db === null || Number.isNaN(db) ? null : Math.min(db, TOP_DB)),
  };
  const words = {
    delta: (delta: number | null) => (delta === null ? 'not measured' : deltaText(score, delta)),
    sqnr: (db: number | null) => (db === null ? 'not measured' : decibels(db)),
  };
  return rows.map((row): Datum => {
    const { layer, shortName, untrained, floatBytes, quantizedBytes } = row;
    const common = { id: layer.id, name: shortName };
    if (metric === 'size')
      return {
        ...common,
        bars: [
          { of: 'float', value: floatBytes },
          { of: 'quant', value: quantizedBytes },
        ],
        text: `${bytes(floatBytes)} → ${bytes(quantizedBytes)}`,
      };
    const field = metric === 'delta' ? 'delta' : 'sqnrDb';
    const [height, text] = [heights[metric], words[metric]];
    if (!untrained) return { ...common, bars: [{ of: 'quant', value: height(row[field]) }], text: text(row[field]) };
    return {
      ...common,
      bars: [
        { of: 'quant', value: height(untrained[field]) },
        { of: 'qat', value: height(row[field]) },
      ],
      text: `PTQ ${text(untrained[field])}, QAT ${text(row[field])}`,
    };
  });
}
