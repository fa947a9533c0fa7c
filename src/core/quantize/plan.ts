/**
 * The bridge between settings and an integer graph. `planQuantization` (resolve.ts) turns calibration + settings into a
 * plan of plain data, cheap enough for the page to recompute on every drag; `quantizeGraph` (quantize-graph.ts) applies a
 * plan to a Graph.
 */
import type { OpId, QuantParams, TensorId } from '../graph/graph';
import type { AnyFormat } from '../number-formats/format';
import type { Range, TensorStats, WeightStats } from '../calibration/types';
import type { EstimatorChoice } from './settings';

/** Everything calibration learnt. Plain data; kept by the page so that it survives a worker's death. */
export interface Calibration {
  /** Activation tensors, graph inputs and outputs included. */
  readonly activations: Readonly<Record<TensorId, TensorStats>>;
  /** Constant weights (not biases). Channels are left empty where a view does not need them. */
  readonly weights: Readonly<Record<TensorId, WeightStats>>;
  /** Samples that went in; fewer than asked for after a cancel. */
  readonly samples: number;
  /** The estimator that was measured to keep the outputs closest to float; absent where it was not measured. */
  readonly estimator?: EstimatorChoice;
}

export interface ActivationPlan {
  readonly tensor: TensorId;
  /** The range asked for, before scale and zero point were fitted. */
  readonly range: Range;
  /** Block formats find their scales themselves: 1 here. */
  readonly params: QuantParams;
  /** Absent: int8. */
  readonly format?: AnyFormat;
  /**
   * Why the parameters are what they are: chosen, those of the file that was opened, prescribed by a kernel, or taken over
   * from a same-scale neighbour.
   */
  readonly origin: 'estimated' | 'manual' | 'file' | 'fixed' | 'shared';
  /** For 'shared': the tensor whose parameters are used. */
  readonly sharedWith?: TensorId;
}

export interface WeightPlan {
  readonly tensor: TensorId;
  readonly op: OpId;
  readonly ranges: readonly Range[];
  readonly params: QuantParams;
  /** Absent: int8 without −128. */
  readonly format?: AnyFormat;
  /** How many consecutive weights of a channel share a scale, one channel's after another's; absent: all of them. */
  readonly block?: number;
  /**
   * learnt: an algorithm chose the codes on this grid, which the float constant carries as its `quant`; file: the codes are
   * those of the file that was opened.
   */
  readonly origin: 'estimated' | 'manual' | 'learnt' | 'file';
}

export interface KeptFloat {
  readonly op: OpId;
  /** "no int8 kernel for elu", "excluded by user". */
  readonly reason: string;
}

/** What of a model is quantized: its constants alone, its activations alone, or all of it. */
export type QuantizedPart = 'both' | 'weights' | 'activations';

export interface QuantPlan {
  readonly activations: Readonly<Record<TensorId, ActivationPlan>>;
  readonly weights: Readonly<Record<TensorId, WeightPlan>>;
  readonly keptFloat: readonly KeptFloat[];
  /** In words, for instance "scale of channel 3 of conv2d_1 enlarged: its bias would overflow int32". */
  readonly notes: readonly string[];
}
