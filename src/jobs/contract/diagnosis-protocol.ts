/** What the diagnosis gives, as plain data. */
import type { Finding } from '../../core/diagnosis/finding';
import type { Severity } from '../../core/diagnosis/rank';
import type { Difference } from '../../core/metrics/interval';
import type { OpId, TensorId } from '../../core/graph/graph';
import type { ErrorSplit } from '../../core/metrics/error-split';
import type { WeightError } from '../../core/quantize/weight-error';
import type { Score } from './judgement-protocol';

/** Where the error of one activation comes from. */
export interface TensorSplit extends ErrorSplit {
  readonly tensor: TensorId;
  /** null for graph inputs. */
  readonly op: OpId | null;
}

export interface WeightSplit extends WeightError {
  readonly tensor: TensorId;
  readonly op: OpId;
}

export interface LayerShare {
  readonly op: OpId;
  /** Of the noise that all layers, each quantized alone, bring to the output. */
  readonly share: number;
  /** Of the output with this layer alone quantized. */
  readonly sqnrDb: number;
}

/** Settings judged on held samples. */
export interface Judged {
  /** Of the worst output. */
  readonly sqnrDb: number;
  readonly score: Score;
  /** Against the settings as they are, on the same samples; absent for these themselves. */
  readonly change?: Difference;
}

export interface RankedFinding extends Finding {
  readonly severity: Severity;
  /** Of the output's noise, what it costs: 0 … 1. */
  readonly cost: number;
  /** What it did to leave the place in float; null where that was not tried. */
  readonly place: Judged | null;
  /** What each fix did when it was tried, in the order of `fixes`; null for those not tried. */
  readonly effects: readonly (Judged | null)[];
  /** Fixes that were tried, brought nothing, and so are none: not among `fixes`. */
  readonly inert: readonly string[];
}

export interface Diagnosis {
  /** Evaluation samples that errors were looked at on. */
  readonly samples: number;
  /** Of the output against float, before a final softmax; all quantized, on those samples. */
  readonly sqnrDb: number;
  /** In the order of the graph. */
  readonly activations: readonly TensorSplit[];
  readonly weights: readonly WeightSplit[];
  /** The largest first; empty until it is measured. */
  readonly shares: readonly LayerShare[];
  /** The most costly first. */
  readonly findings: readonly RankedFinding[];
  /** Held calibration samples, which fixes are tried on, and how float and these settings do on them; absent before. */
  readonly held?: {
    readonly samples: number;
    readonly float: Score;
    readonly before: Judged;
    /** As `before.sqnrDb`, but after final softmaxes: what of an error in logits never reaches the output does no harm. */
    readonly outputDb: number;
    /** What the settings as they are lose against float. */
    readonly loss: Difference;
    /** Whether findings are ranked by answers as well; on few samples only the worst output's SQNR tells. */
    readonly countsAnswers: boolean;
  };
}
