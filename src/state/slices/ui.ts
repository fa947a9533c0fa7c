import type { AccumulatorId } from '../../core/cost/mac';
import type { SensitivityChoice } from './diagnosis';

export type Theme = 'system' | 'light' | 'dark';
export type SortKey = 'order' | 'name' | 'op' | 'parameters' | 'bits' | 'untrained' | 'sqnr' | 'delta';
/** What the middle column shows. */
export type Tab = 'layer' | 'diagnose' | 'improve' | 'train' | 'cost';
/** What layers are ranked by: the distance of the output to float, or the score. */
export type SensitivityMeasure = 'sqnr' | 'score';
export type LayerMetric = 'sqnr' | 'delta' | 'size';

export interface UiSlice {
  readonly theme: Theme;
  readonly tab: Tab;
  readonly sensitivity: SensitivityChoice & { readonly measure: SensitivityMeasure };
  /** What FP8 products are added up in, for the cost. */
  readonly accumulator: AccumulatorId;
  readonly search: string;
  readonly sort: { readonly key: SortKey; readonly descending: boolean };
  readonly logCounts: boolean;
  readonly layerMetric: LayerMetric;
  /** The range lab is open under every histogram. */
  readonly lab: boolean;
  readonly dialog: 'url' | 'shortcuts' | null;
}

export const DEFAULT_UI: UiSlice = {
  theme: 'system',
  tab: 'layer',
  sensitivity: { mode: 'alone', part: 'both', measure: 'sqnr' },
  accumulator: 'fp16',
  search: '',
  sort: { key: 'order', descending: false },
  logCounts: false,
  layerMetric: 'sqnr',
  lab: false,
  dialog: null,
};
