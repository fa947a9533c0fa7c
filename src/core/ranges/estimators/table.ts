import type { Estimator } from '../types';
import { minmax } from './minmax';
import { mse } from './mse';
import { percentile } from './percentile';

/** How ranges are found. A new estimator is a file in this folder and its line here. */
export const ESTIMATORS: readonly Estimator[] = [minmax, percentile, mse];

export function estimatorOf(id: string): Estimator | undefined {
  return ESTIMATORS.find((estimator) => estimator.id === id);
}
