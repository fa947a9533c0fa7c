import type { Estimator } from '../types';
import { minmax } from './minmax';

/** Stands for the estimator that calibration found best; see `settledChoice` in core/quantize. Where none was, min–max. */
export const auto: Estimator = {
  id: 'auto',
  label: 'Best by measuring',
  explain:
    'The estimator whose ranges, on samples that calibration did not see, keep the outputs closest to float; inputs and outputs keep every value that was seen.',
  params: [],
  estimate: (distribution, format) => minmax.estimate(distribution, format, {}),
};
