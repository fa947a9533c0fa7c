/** What a search for mixed precision takes and gives. */
import type { AccumulatorId } from '../../core/cost/mac';
import type { OpId } from '../../core/graph/graph';
import type { QuantSettings } from '../../core/quantize/settings';
import type { Precisions } from '../../core/search/precisions';
import type { Score } from './judgement-protocol';

/** size: bytes of the .tflite. energy: picojoules of the arithmetic of one inference, never those of a device. */
export type SearchCost = 'size' | 'energy';

/** score: the task's metric. sqnr: of the output against float, dB; finer than a score of few samples. */
export type SearchQuality = 'score' | 'sqnr';

/**
 * cost: bytes or picojoules at most. quality: a score or dB to be reached, a mean squared error not to be exceeded. loss: what
 * the score may be worse by than float.
 */
export type SearchBudget =
  | { readonly kind: 'cost'; readonly most: number }
  | { readonly kind: 'quality'; readonly bound: number }
  | { readonly kind: 'loss'; readonly most: number };

export interface SearchSpec {
  /** What stays: estimators, ranges, rules, rewriting algorithms. Learnt roundings are left out while searching. */
  readonly settings: QuantSettings;
  /** Rows of the precision table. */
  readonly precisions: readonly string[];
  readonly cost: SearchCost;
  readonly quality: SearchQuality;
  /** What FP8 products are added up in, for the energy. */
  readonly accumulator: AccumulatorId;
  readonly budget: SearchBudget | null;
  /** Configurations measured at most. */
  readonly measurements: number;
  readonly seed: number;
}

/** A configuration that was measured on held calibration samples. */
export interface SearchPoint {
  readonly precisions: Precisions;
  /** Of the file; where no file holds it, its constants packed to their widths and what a file adds to those. */
  readonly bytes: number;
  readonly storable: boolean;
  readonly picojoules: number;
  readonly score: Score;
  readonly sqnrDb: number;
}

/** A mark to compare with: the same precision throughout, or the float model itself. */
export interface SearchReference extends Omit<SearchPoint, 'precisions'> {
  readonly label: string;
  readonly precisions: Precisions | null;
}

export interface SearchResult {
  readonly spec: Pick<SearchSpec, 'cost' | 'quality' | 'precisions' | 'budget'>;
  /** Ascending in cost and quality; no point is beaten by one that is as cheap. */
  readonly front: readonly SearchPoint[];
  readonly references: readonly SearchReference[];
  /** Position on the front of what the budget asks for; null without a budget, or where nothing is within. */
  readonly chosen: number | null;
  readonly measured: number;
  /** Of all there are. */
  readonly possible: number;
  readonly layers: readonly OpId[];
  readonly fixed: readonly { readonly op: OpId; readonly reason: string }[];
  /** Samples each configuration was judged by: held calibration samples, and others of neither split. */
  readonly samples: number;
  readonly notes: readonly string[];
}
