import type { Estimator } from '../types';
import { leastErrorRange } from './least-error';

export const mse: Estimator = {
  id: 'mse',
  label: 'Least squared error',
  explain: 'Searches the range in which clipping and rounding together leave the smallest mean squared error.',
  params: [],
  estimate: (distribution, format) => leastErrorRange(distribution, format),
};
