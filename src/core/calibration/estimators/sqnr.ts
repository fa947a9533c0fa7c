import type { Estimator } from '../types';
import { leastErrorRange } from './least-error';

/** AIMET's "TF-enhanced" rule with its default γ of 3. */
export const sqnr: Estimator = {
  id: 'sqnr',
  label: 'SQNR, clipping weighted',
  explain:
    'As least squared error, but errors of clipped values count γ times: outliers tend to matter more than noise.',
  params: [{ id: 'gamma', label: 'γ', min: 1, max: 10, step: 0.1, default: 3 }],
  estimate: (distribution, format, { gamma = 3 }) => leastErrorRange(distribution, format, gamma),
};
