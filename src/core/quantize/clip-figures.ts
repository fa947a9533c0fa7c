import { chooseQuantParams, type AffineParams } from '../numerics/affine';
import type { NumberFormat } from '../number-formats/format';
import { sqnrDb } from '../metrics/error-accumulator';
import { ofHistogram } from '../calibration/distribution';
import { quantizationError } from '../calibration/quantization-error';
import type { Distribution, Range, TensorStats } from '../calibration/types';

/** What a range does to one distribution; errors per value. */
export interface ClipFigures extends AffineParams {
  /** Share of the values further outside the grid than rounding reaches, half a step. */
  readonly clippedShare: number;
  /** Mean over all values of the squared error that clipped ones have … */
  readonly clippingMse: number;
  /** … and that all others have. */
  readonly roundingMse: number;
  readonly totalMse: number;
  readonly sqnrDb: number;
}

/** Statistics are immutable, and a drag asks for the same ones at every frame. */
const distributions = new WeakMap<TensorStats, Distribution>();

function distributionOf(stats: TensorStats): Distribution {
  let distribution = distributions.get(stats);
  if (!distribution) distributions.set(stats, (distribution = ofHistogram(stats)));
  return distribution;
}

/**
 * Figures of one tensor or channel from its histogram alone, cheap enough for every frame of a drag. How they are
 * computed, and what is assumed of the values within a bin, is told at {@link quantizationError}.
 */
export function clipFigures(stats: TensorStats, range: Range, format: NumberFormat): ClipFigures {
  const params = chooseQuantParams(range, format);
  const { clipped, clipping, rounding } = quantizationError(distributionOf(stats), params, format);
  const count = Math.max(1, stats.count);
  const totalMse = (clipping + rounding) / count;
  return {
    ...params,
    clippedShare: clipped / count,
    clippingMse: clipping / count,
    roundingMse: rounding / count,
    totalMse,
    sqnrDb: sqnrDb(stats.mean ** 2 + stats.std ** 2, totalMse),
  };
}
