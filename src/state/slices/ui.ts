import type { AccumulatorId } from '../../core/cost/mac';
import { USUAL_PRECISIONS } from '../../core/search/precisions';
import type { SearchCost, SearchQuality } from '../../jobs/contract/search-protocol';
import type { SensitivityChoice } from './diagnosis';

export type Theme = 'system' | 'light' | 'dark';
export type SortKey = 'order' | 'name' | 'op' | 'parameters' | 'bits' | 'untrained' | 'sqnr' | 'delta';
/** What the middle column shows. */
export type Tab = 'layer' | 'samples' | 'diagnose' | 'improve' | 'mix' | 'train' | 'cost' | 'runs';
export type Side = 'data' | 'settings' | 'export';
export type Place = 'layers' | 'view' | 'side';
/** What layers are ranked by: the distance of the output to float, or the score. */
export type SensitivityMeasure = 'sqnr' | 'score';
export type LayerMetric = 'sqnr' | 'delta' | 'size';

/** What the next search for mixed precision is to look for. */
export interface MixOptions {
  /** Only formats that a .tflite file can hold. */
  readonly storable: boolean;
  /** Rows of the precision table that are ticked. */
  readonly precisions: readonly string[];
  readonly cost: SearchCost;
  readonly quality: SearchQuality;
  /** What is held fixed: nothing, the cost, or how much may be lost. */
  readonly aim: 'front' | 'cost' | 'loss' | 'quality';
  /** Bytes or picojoules by cost, share or dB by quality; null until somebody chooses: a sensible one is proposed. */
  readonly most: Readonly<Record<SearchCost, number | null>>;
  readonly loss: number;
  readonly bound: Readonly<Record<SearchQuality, number | null>>;
  readonly measurements: number;
}

export interface UiSlice {
  readonly theme: Theme;
  readonly tab: Tab;
  readonly sensitivity: SensitivityChoice & { readonly measure: SensitivityMeasure };
  /** What FP8 products are added up in, for the cost. */
  readonly accumulator: AccumulatorId;
  readonly mix: MixOptions;
  readonly search: string;
  readonly sort: { readonly key: SortKey; readonly descending: boolean };
  readonly logCounts: boolean;
  readonly layerMetric: LayerMetric;
  /** The range lab is open under every histogram. */
  readonly lab: boolean;
  readonly dialog: 'url' | 'shortcuts' | 'project' | null;
  /** How the left column shows the layers. */
  readonly layersAs: 'list' | 'graph';
  /** What the right column shows. */
  readonly side: Side;
  /** On a narrow screen, the one part of the page that is shown. */
  readonly place: Place;
  /** A download was asked for, and waits for the check of the file. */
  readonly saving: boolean;
}

export const DEFAULT_UI: UiSlice = {
  theme: 'system',
  tab: 'layer',
  sensitivity: { mode: 'alone', part: 'both', measure: 'sqnr' },
  accumulator: 'fp16',
  mix: {
    storable: true,
    precisions: USUAL_PRECISIONS,
    cost: 'size',
    quality: 'score',
    aim: 'front',
    most: { size: null, energy: null },
    loss: 0.01,
    bound: { score: null, sqnr: null },
    measurements: 200,
  },
  search: '',
  sort: { key: 'order', descending: false },
  logCounts: false,
  layerMetric: 'sqnr',
  lab: false,
  dialog: null,
  layersAs: 'list',
  side: 'data',
  place: 'view',
  saving: false,
};
