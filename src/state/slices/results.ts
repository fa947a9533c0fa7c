/**
 * What jobs found out. Each result is stamped with what it was computed from, so that staleness is a comparison and not a
 * flag somebody has to remember to set; undoing to the same settings makes a result current again.
 */
import type { ErrorInfo } from '../../base/errors';
import type { OpId } from '../../core/graph/graph';
import type { Calibration, QuantPlan } from '../../core/quantize/plan';
import type { QuantSettings } from '../../core/quantize/settings';
import type {
  AlgorithmReport,
  CostComparison,
  Evaluation,
  Exported,
  Improvement,
  LayerSensitivity,
  VariantView,
  Verification,
  WeightDetail,
} from '../../jobs/contract/protocol';
import type { Score } from '../../jobs/contract/judgement-protocol';
import type { SearchResult } from '../../jobs/contract/search-protocol';
import { sameSettings } from '../../core/quantize/settings-key';

export interface Stamped<T> {
  readonly value: T;
  readonly settings: QuantSettings;
  /** Of the model, data and calibration it rests on; see {@link ResultsSlice.basis}. */
  readonly basis: number;
  /** A partial result: the job still runs or was cancelled. */
  readonly partial: boolean;
}

type Variant = Stamped<VariantView> & { readonly key: string };

/** All that is known under some settings; what is null was not found out. */
export interface Snapshot {
  readonly settings: QuantSettings;
  readonly basis: number;
  readonly variant: Variant | null;
  readonly weights: Readonly<Record<OpId, WeightDetail>>;
  readonly plan: Stamped<QuantPlan>;
  readonly evaluation: Stamped<Evaluation> | null;
  readonly exported: Stamped<Exported> | null;
  readonly verification: Stamped<Verification> | null;
  readonly sensitivity: Stamped<readonly LayerSensitivity[]> | null;
}

export interface ResultsSlice {
  /** Rises whenever model, data or preprocessing change, and makes everything older stale. */
  readonly basis: number;
  readonly calibration: { readonly value: Calibration; readonly basis: number; readonly partial: boolean } | null;
  readonly weights: Readonly<Record<OpId, WeightDetail>>;
  /** The model as algorithms and training leave it; `key` names what it depends on. */
  readonly variant: Variant | null;
  /** Of the algorithm that is learning right now. */
  readonly learning: AlgorithmReport | null;
  /** What was known without any algorithm when they were switched on: what they are held against. */
  readonly unimproved: Stamped<Evaluation> | null;
  /** While trained weights are in use, the same quantized without training: what they are held against. */
  readonly untrained: Snapshot | null;
  readonly plan: Stamped<QuantPlan> | null;
  /** The accuracy estimate on a subset that follows a change. */
  readonly probe: Stamped<Score> | null;
  readonly evaluation: Stamped<Evaluation> | null;
  readonly exported: Stamped<Exported> | null;
  readonly verification: Stamped<Verification> | null;
  readonly sensitivity: Stamped<readonly LayerSensitivity[]> | null;
  /** What the recommended pipeline decided, from the settings it is stamped with. */
  readonly improvement: Stamped<Improvement> | null;
  /** Formats found for the layers, from the settings it is stamped with; kept when these change. */
  readonly search: Stamped<SearchResult> | null;
  readonly searchError: ErrorInfo | null;
  readonly cost: Stamped<CostComparison> | null;
  /** A person would rather not wait for LiteRT: the file is offered unverified until they ask. */
  readonly verificationSkipped: boolean;
  /** Why the automatic pipeline stands still, when it does. */
  readonly error: ErrorInfo | null;
}

export const NO_RESULTS: ResultsSlice = {
  basis: 0,
  calibration: null,
  weights: {},
  variant: null,
  learning: null,
  unimproved: null,
  untrained: null,
  plan: null,
  probe: null,
  evaluation: null,
  exported: null,
  verification: null,
  sensitivity: null,
  improvement: null,
  search: null,
  searchError: null,
  cost: null,
  verificationSkipped: false,
  error: null,
};

/** Results that no longer belong to the open model and data are dropped, not shown as stale. */
export function withNewBasis(results: ResultsSlice, keepWeights: boolean): ResultsSlice {
  return { ...NO_RESULTS, basis: results.basis + 1, weights: keepWeights ? results.weights : {} };
}

export type Freshness = 'none' | 'partial' | 'fresh' | 'stale';

export function freshness(result: Stamped<unknown> | null, settings: QuantSettings, basis: number): Freshness {
  if (!result) return 'none';
  if (!sameSettings(result.settings, settings) || result.basis !== basis) return 'stale';
  return result.partial ? 'partial' : 'fresh';
}

/** Distributions as they are quantized: of the model that algorithms changed, where there is one. */
export function shownCalibration({ variant, calibration, basis }: ResultsSlice): Calibration | null {
  return variant?.basis === basis ? variant.value.calibration : (calibration?.value ?? null);
}
