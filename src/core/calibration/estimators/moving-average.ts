import type { Estimator } from '../types';
import { minmax } from './minmax';

/** As training frameworks track ranges: m ← momentum · m + (1 − momentum) · extremum of the next batch. */
export const movingAverage: Estimator = {
  id: 'moving-average',
  label: 'Moving average',
  explain: "Averages each batch's minimum and maximum, the last batches most: one odd batch moves the range a little.",
  params: [{ id: 'momentum', label: 'Momentum', min: 0, max: 0.99, step: 0.01, default: 0.9 }],
  /** Weights, and statistics without batches, have nothing to average: min–max. */
  estimate(distribution, format, { momentum = 0.9 }) {
    const { batches } = distribution;
    if (!batches) return minmax.estimate(distribution, format, {});
    const average = (extrema: Float32Array) => extrema.reduce((m, x) => momentum * m + (1 - momentum) * x);
    return { min: Math.min(average(batches.mins), 0), max: Math.max(average(batches.maxs), 0) };
  },
};
