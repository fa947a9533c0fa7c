/** Every choice a person makes about quantization. Plain, versioned data: undo, share links and reports are made of it. */
import type { OpId, TensorId } from '../graph/graph';
import type { Range } from '../ranges/types';

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
  /** Row of the format table for this activation, in place of its layer's: for inputs, which no layer writes. */
  readonly format?: string;
  /** Manual range of single channels of a weight tensor; wins over `range`. */
  readonly channels?: Readonly<Record<number, Range>>;
}

export interface LayerOverride {
  /** Leave this op in float between DEQUANTIZE and QUANTIZE. */
  readonly keepFloat?: boolean;
  /** Rows of the format table, in place of the model's. A tensor has the format of the op that writes it. */
  readonly weightFormat?: string;
  readonly activationFormat?: string;
}

export interface QuantSettings {
  readonly version: 1;
  readonly weights: {
    readonly granularity: 'channel' | 'tensor';
    readonly estimator: EstimatorChoice;
    /** Row of the format table ("int4", "fp8-e4m3fn"); absent: int8. */
    readonly format?: string;
  };
  readonly activations: { readonly estimator: EstimatorChoice; readonly format?: string };
  /** Type of the file's inputs and outputs. */
  readonly io: 'int8' | 'float32';
  readonly tensors: Readonly<Record<TensorId, TensorOverride>>;
  readonly layers: Readonly<Record<OpId, LayerOverride>>;
  /** Applied to the model before it is quantized, in the order of the algorithm table, whatever their order here. */
  readonly algorithms?: readonly AlgorithmChoice[];
  /** Names trained weights that take the place of the model's, after the algorithms; their ranges are among `tensors`. */
  readonly trained?: string;
}

export const DEFAULT_SETTINGS: QuantSettings = {
  version: 1,
  weights: { granularity: 'channel', estimator: { id: 'minmax', params: {} } },
  activations: { estimator: { id: 'minmax', params: {} } },
  io: 'int8',
  tensors: {},
  layers: {},
};

/** Whether another model than the file's is quantized: one that algorithms or training made of it. */
export function changesModel({ algorithms, trained }: QuantSettings): boolean {
  return (algorithms?.length ?? 0) > 0 || trained !== undefined;
}
