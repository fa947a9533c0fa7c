import { extentOf } from '../../number-formats/format';
import type { Distribution, Estimator } from '../types';
import { clipped } from './clip';
import { minmax } from './minmax';

/**
 * Esser et al., "Learned Step Size Quantization", 2020: the step that training starts from, 2·E|x| / √Q with Q the largest
 * code, and with it a clip at Q steps.
 */
export const lsq: Estimator = {
  id: 'lsq',
  label: 'LSQ start',
  explain:
    'A step of twice the mean magnitude over √(largest code), where learned steps start: clips at few bits only.',
  params: [],
  /** Zeros count: a mean over all values is what the paper takes. Floating-point formats keep min–max, as with OCTAV. */
  estimate(distribution, format) {
    if (format.kind !== 'int') return minmax.estimate(distribution, format, {});
    const { low, high } = extentOf(format);
    const oneSided = !format.symmetric && (distribution.min >= 0 || distribution.max <= 0);
    const largest = oneSided ? high - low : high;
    return clipped(distribution, 2 * meanMagnitude(distribution) * Math.sqrt(largest));
  },
};

function meanMagnitude({ values, weights, zeros }: Distribution): number {
  let [sum, count] = [0, zeros];
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * Math.abs(values[i]);
    count += weights[i];
  }
  return count === 0 ? 0 : sum / count;
}
