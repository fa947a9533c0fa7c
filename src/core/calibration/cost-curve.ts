import { chooseQuantParams } from '../numerics/affine';
import type { NumberFormat } from '../number-formats/format';
import { clipped } from './estimators/clip';
import { ESTIMATORS } from './estimators/table';
import { quantizationError } from './quantization-error';
import type { Distribution, Range } from './types';

/** Where an estimator would clip. */
export interface EstimatorTick {
  readonly id: string;
  readonly label: string;
  readonly range: Range;
  /** The larger of −min and max: where the tick stands. */
  readonly clip: number;
}

/** Mean squared error per value against the clip of |x|; arrays of equal length, clips ascending. */
export interface CostCurve {
  readonly clips: Float64Array;
  readonly total: Float64Array;
  readonly clipping: Float64Array;
  readonly rounding: Float64Array;
  readonly ticks: readonly EstimatorTick[];
}

/** The smallest clip drawn, as a part of the largest magnitude. */
const SMALLEST_PART = 1 / 256;

/**
 * What every clip would cost: the range is cut to [−clip, clip], within what was seen. Clips are spaced geometrically, as
 * the interesting ones may lie far below an outlier.
 *
 * @param count of all values, zeros included; errors are divided by it
 */
export function costCurve(distribution: Distribution, format: NumberFormat, count: number, points = 96): CostCurve {
  const largest = Math.max(-distribution.min, distribution.max, 0);
  const curve = {
    clips: Float64Array.from({ length: points }, (_, i) => largest * SMALLEST_PART ** (1 - i / (points - 1))),
    total: new Float64Array(points),
    clipping: new Float64Array(points),
    rounding: new Float64Array(points),
  };
  const values = Math.max(1, count);
  curve.clips.forEach((clip, i) => {
    const params = chooseQuantParams(clipped(distribution, clip), format);
    const { clipping, rounding } = quantizationError(distribution, params, format);
    curve.clipping[i] = clipping / values;
    curve.rounding[i] = rounding / values;
    curve.total[i] = (clipping + rounding) / values;
  });
  const ticks = ESTIMATORS.map(({ id, label, params, estimate }): EstimatorTick => {
    const range = estimate(distribution, format, Object.fromEntries(params.map((p) => [p.id, p.default])));
    return { id, label, range, clip: Math.max(-range.min, range.max) };
  });
  return { ...curve, ticks };
}
