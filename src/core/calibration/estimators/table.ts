import type { Estimator } from '../types';
import { aciq } from './aciq';
import { auto } from './auto';
import { crossEntropy } from './cross-entropy';
import { entropy } from './entropy';
import { lsq } from './lsq';
import { minmax } from './minmax';
import { movingAverage } from './moving-average';
import { mse } from './mse';
import { octav } from './octav';
import { percentile } from './percentile';
import { sqnr } from './sqnr';

/** How ranges are found. A new estimator is a file in this folder and its line here. */
export const ESTIMATORS: readonly Estimator[] = [
  minmax,
  movingAverage,
  percentile,
  mse,
  sqnr,
  entropy,
  octav,
  aciq,
  lsq,
  crossEntropy,
  auto,
];

export function estimatorOf(id: string): Estimator | undefined {
  return ESTIMATORS.find((estimator) => estimator.id === id);
}
