import type { AccumulatorId } from '../../core/cost/mac';

export type Theme = 'system' | 'light' | 'dark';
export type SortKey = 'order' | 'name' | 'op' | 'parameters' | 'bits' | 'untrained' | 'sqnr' | 'delta';
/** What the middle column shows. */
export type Tab = 'layer' | 'improve' | 'train' | 'cost';
export type LayerMetric = 'sqnr' | 'delta' | 'size';

export interface UiSlice {
  readonly theme: Theme;
  readonly tab: Tab;
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
  accumulator: 'fp16',
  search: '',
  sort: { key: 'order', descending: false },
  logCounts: false,
  layerMetric: 'sqnr',
  lab: false,
  dialog: null,
};
