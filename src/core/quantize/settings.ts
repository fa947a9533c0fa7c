/** Every choice a person makes about quantization. Plain, versioned data: undo, checkpoints and reports are made of it. */
import type { OpId, TensorId } from '../graph/graph';
import type { OpKind } from '../graph/ops/attrs';
import type { Range } from '../calibration/types';

export interface EstimatorChoice {
  /** Row of the estimator table ("minmax", "percentile", "mse"). */
  readonly id: string;
  readonly params: Readonly<Record<string, number>>;
}

/** A row of the algorithm table that is switched on; parameters left out take their defaults. */
export interface AlgorithmChoice {
  readonly id: string;
  readonly params: Readonly<Record<string, number>>;
}

export interface TensorOverride {
  /** Replaces the estimator for this tensor. */
  readonly estimator?: EstimatorChoice;
  /** Manual range; wins over any estimator. For weights it caps every channel's own range. */
  readonly range?: Range;
  /**
   * Row of the format table for this activation, in place of its layer's: for inputs, which no layer writes. Without one they
   * have the activations' format, or stay INT8 where that is a float of few bits which errs more on them.
   */
  readonly format?: string;
  /** Manual range of single channels of a weight tensor; wins over `range`. */
  readonly channels?: Readonly<Record<number, Range>>;
}

/** Weights that share a scale: all of them, those of an output channel, or {@link BLOCK} consecutive ones of a channel. */
export type Granularity = 'tensor' | 'channel' | 'block';

/** Weights of a block. */
export const BLOCK = 32;

/** What one layer has in place of the model's choices. A tensor belongs to the op that writes it. */
export interface LayerOverride {
  /** Leave this op in float between DEQUANTIZE and QUANTIZE; false takes back what a rule says. */
  readonly keepFloat?: boolean;
  /** Rows of the format table. */
  readonly weightFormat?: string;
  readonly activationFormat?: string;
  readonly granularity?: Granularity;
  /** A tensor's own estimator wins over these, its own range over the ranges below, a range over any estimator. */
  readonly weightEstimator?: EstimatorChoice;
  readonly activationEstimator?: EstimatorChoice;
  /** Caps every channel's own range. */
  readonly weightRange?: Range;
  readonly activationRange?: Range;
}

/** Which layers a rule is about among those with weights, in the order of the graph. */
export type RulePlace = 'first' | 'last' | 'ends';

/** Choices for all layers that meet each condition it names. */
export interface LayerRule {
  /** Of the whole name, in whatever case; * stands for any characters. */
  readonly name?: string;
  readonly kind?: OpKind;
  readonly place?: RulePlace;
  readonly override: LayerOverride;
}

/** What a file's input or output holds; int8 also stands for the 16 bits of activations that have so many. */
export type FileType = 'int8' | 'uint8' | 'float32';

export interface QuantSettings {
  readonly version: 1;
  readonly weights: {
    readonly granularity: Granularity;
    readonly estimator: EstimatorChoice;
    /** Row of the format table ("int4", "fp8-e4m3fn"); absent: int8. */
    readonly format?: string;
    /** Codes of integer formats; absent: those around zero without the lowest, −127 … 127. */
    readonly codes?: 'full' | 'asymmetric';
  };
  readonly activations: {
    readonly estimator: EstimatorChoice;
    readonly format?: string;
    /** Integer formats with zero point 0; absent: with the zero point that the range asks for. */
    readonly codes?: 'symmetric';
  };
  /** Type of the file's inputs and outputs. */
  readonly io: FileType;
  /** Of single inputs and outputs, in place of `io`. */
  readonly ioTensors?: Readonly<Record<TensorId, FileType>>;
  readonly tensors: Readonly<Record<TensorId, TensorOverride>>;
  /** A layer's own choices win over those of rules. */
  readonly layers: Readonly<Record<OpId, LayerOverride>>;
  /** In order: where two choose the same thing for a layer, the later wins. */
  readonly rules?: readonly LayerRule[];
  /** Applied to the model before it is quantized, in the order of the algorithm table, whatever their order here. */
  readonly algorithms?: readonly AlgorithmChoice[];
  /** What the file says of scales, where it was quantized already; absent: it is kept where nobody chose otherwise. */
  readonly fileRanges?: 'ignored';
  /** Names trained weights that take the place of the model's, after the algorithms; their ranges are among `tensors`. */
  readonly trained?: string;
}

export const DEFAULT_SETTINGS: QuantSettings = {
  version: 1,
  weights: { granularity: 'channel', estimator: { id: 'minmax', params: {} } },
  activations: { estimator: { id: 'auto', params: {} } },
  io: 'int8',
  tensors: {},
  layers: {},
};

/** Whether another model than the file's is quantized: one that algorithms or training made of it. */
export function changesModel({ algorithms, trained }: QuantSettings): boolean {
  return (algorithms?.length ?? 0) > 0 || trained !== undefined;
}
