import type { Estimator } from '../types';

export const minmax: Estimator = {
  id: 'minmax',
  label: 'Min–max',
  explain: 'Covers every value that was seen; one outlier can stretch the range and coarsen all other steps.',
  params: [],
  estimate: ({ min, max }) => ({ min: Math.min(min, 0), max: Math.max(max, 0) }),
};
