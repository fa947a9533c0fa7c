/** What an algorithm is to those who run it. The table says which there are. */
import type { Graph, OpId, TensorId } from '../graph/graph';
import type { ParamSpec, TensorStats } from '../calibration/types';
import type { ChannelStats, ChannelStatsOf } from './channel-stats';
import type { WeightedLayer } from './layer';
import type { Multiply, Rounded, RoundingProblem } from './rounding';

export type Params = Readonly<Record<string, number>>;

interface Described {
  readonly id: string;
  readonly label: string;
  /** One sentence for the page. */
  readonly explain: string;
  /** Whether it looks at calibration samples, or at the model alone. */
  readonly needsData: boolean;
  readonly params: readonly ParamSpec[];
  /** What {@link LayerFigure} means for this one, with its unit. */
  readonly figure: string;
  /** Whether a larger figure is better. */
  readonly largerIsBetter: boolean;
}

/** How one layer stood before and after. */
export interface LayerFigure {
  readonly op: OpId;
  readonly before: number;
  readonly after: number;
  /** Loss on the way, where something was learnt. */
  readonly curve?: readonly number[];
}

export interface RewriteContext {
  /** Statistics of the model's activations, for those algorithms that ask whether a cut is reached. */
  readonly activations: Readonly<Record<TensorId, TensorStats>>;
  /** Of the tensors that `wants` named. */
  readonly channels: ChannelStatsOf;
}

export interface Rewritten {
  readonly graph: Graph;
  readonly layers: readonly LayerFigure[];
  /** What else is worth saying, in words. */
  readonly notes: readonly string[];
}

/** Changes weights and biases so that the model computes what it did and is easier to quantize. */
export interface Rewriting extends Described {
  readonly step: 'rewriting';
  readonly wants: (graph: Graph) => readonly TensorId[];
  readonly rewrite: (graph: Graph, context: RewriteContext, params: Params) => Rewritten;
}

/** Chooses the codes of a layer's weights. */
export interface Rounding extends Described {
  readonly step: 'rounding';
  /** To be advanced until it is done; yields how far it is, 0 … 1, and the loss there. */
  readonly learn: (
    problem: RoundingProblem,
    params: Params,
    multiply?: Multiply,
  ) => Generator<{ readonly fraction: number; readonly loss: number }, Rounded>;
}

/** A layer's output before its activation, in float and with its own weights and all before it quantized. */
export interface OutputMoments {
  readonly layer: WeightedLayer;
  /** The weights' rounded values. */
  readonly rounded: Float32Array;
  readonly float: ChannelStats;
  readonly quantized: ChannelStats;
  /** Mean of each input channel, as the distribution of what feeds it says; see {@link expectedInput}. */
  readonly expected: Float64Array;
  /** Whether each channel has a scale of its own, which can take a gain. */
  readonly perChannel: boolean;
}

/** y = gain · (W̃x + b) − shift, by output channel. */
export interface Corrected {
  readonly shift: Float64Array;
  readonly gain?: Float64Array;
}

/** Adjusts biases, and scales, to what rounding did to the statistics of the outputs. */
export interface Correction extends Described {
  readonly step: 'correction';
  readonly correct: (moments: OutputMoments, params: Params) => Corrected;
}

export type Algorithm = Rewriting | Rounding | Correction;
