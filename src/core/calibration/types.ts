import type { NumberFormat } from '../number-formats/format';
import type { Convergence } from './convergence';
import type { Masked } from './masked-rows';

/** A representable range chosen for a tensor or a channel, in real units. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Equal bins; bin i covers [lo + i·width, lo + (i+1)·width). Plain data, structured-cloneable. */
export interface Histogram {
  readonly lo: number;
  readonly width: number;
  readonly counts: Float64Array;
}

/** Extrema of each batch, in the order in which they came: how a range grew, and what a moving average follows. */
export interface BatchExtrema {
  readonly mins: Float32Array;
  readonly maxs: Float32Array;
}

/** What calibration knows about one distribution, however many values went in. Plain data. */
export interface TensorStats {
  readonly count: number;
  /** Values that are NaN or infinite; they are not in anything else here. */
  readonly nonFinite: number;
  /** Exact zeros, which ReLU leaves in masses: they are quantized without an error, unlike the rest of their bin. */
  readonly zeros?: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  readonly histogram: Histogram;
  /** Of activations, which come in batches. */
  readonly batches?: BatchExtrema;
  /** Of activations: how their range moved with the number of samples. */
  readonly convergence?: Convergence;
  /** Of inputs of a softmax: values that it cannot see, which are in nothing else here. */
  readonly masked?: Masked;
}

/** A weight tensor: the whole of it, and each index of the quantized dimension. Channel arrays have equal length. */
export interface WeightStats {
  readonly tensor: TensorStats;
  /** null for tensors that are quantized per tensor only. */
  readonly quantizedDimension: number | null;
  readonly channels: readonly TensorStats[];
}

/**
 * What estimators see: values with multiplicities. A histogram gives its bin centres, a small channel its very values,
 * so an estimator is written once for both.
 */
export interface Distribution {
  readonly min: number;
  readonly max: number;
  /** Number of exact zeros; they are not among `values`. */
  readonly zeros: number;
  /** Ascending. */
  readonly values: Float64Array;
  readonly weights: Float64Array;
  /** Resolution of `values`; 0 where they are exact. */
  readonly binWidth: number;
  readonly batches?: BatchExtrema;
}

export interface ParamSpec {
  readonly id: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
  /** Names of the values 0, 1, …, where the parameter is a choice. */
  readonly choices?: readonly string[];
}

export interface Estimator {
  readonly id: string;
  readonly label: string;
  /** One sentence for the page. */
  readonly explain: string;
  readonly params: readonly ParamSpec[];
  /** The range for this distribution on this grid. Never widens beyond [min, max] except to include 0. */
  estimate(distribution: Distribution, format: NumberFormat, params: Readonly<Record<string, number>>): Range;
}
