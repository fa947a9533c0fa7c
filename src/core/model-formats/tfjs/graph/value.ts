import type { Shape, TensorId } from '../../../graph/graph';

/**
 * Values known while reading: weights, and what shape arithmetic computes from them. Among whole numbers Infinity stands
 * for the batch and NaN for what is not known.
 */
export interface Known {
  readonly shape: Shape;
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly values: ArrayLike<number>;
}

/** What an output of a node stands for. */
export type Value = Known | TensorId;

export const isKnown = (value: Value): value is Known => typeof value === 'object';

export function whole(values: readonly number[], shape: Shape = [values.length]): Known {
  return { shape, dtype: 'int32', values };
}
