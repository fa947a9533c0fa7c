import type { Shape } from '../graph/graph';
import { INT8_WEIGHT } from '../number-formats/format';
import { codecOf } from '../number-formats/codecs';
import { dequantizeArray, quantizeArray } from '../number-formats/quantize-array';
import { clipBounds } from '../calibration/quantization-error';
import type { WeightPlan } from './plan';

/** What a plan does to a weight tensor: mean powers, per weight and in squared units of the weights. */
export interface WeightError {
  readonly count: number;
  readonly signal: number;
  /** Of weights more than half a step outside their grid … */
  readonly clipping: number;
  /** … and of all others; both together are the whole error. */
  readonly rounding: number;
}

/**
 * @param reference float weights, row-major values of `shape`
 * @param used what is quantized in their place: the same, or weights that an algorithm moved to other codes
 */
export function weightError(reference: Float32Array, used: Float32Array, shape: Shape, plan: WeightPlan): WeightError {
  const { params, format = INT8_WEIGHT } = plan;
  const axis = params.quantizedDimension;
  const channels = shape[axis];
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  let [signal, clipping, rounding] = [0, 0, 0];
  if (format.kind === 'block') {
    const rounded = dequantizeArray(quantizeArray(used, [used.length], format));
    reference.forEach((w, i) => {
      signal += w * w;
      rounding += (rounded[i] - w) ** 2;
    });
  } else {
    const codec = codecOf(format);
    for (let start = 0, run = 0; start < reference.length; start += inner, run++) {
      const grid = { scale: params.scale[params.scale.length === 1 ? 0 : run % channels], zeroPoint: 0 };
      const { low, high } = clipBounds(grid, format);
      for (let i = start; i < start + inner; i++) {
        const w = reference[i];
        const error = (codec.decode(codec.encode(used[i], grid), grid) - w) ** 2;
        signal += w * w;
        if (w < low || w > high) clipping += error;
        else rounding += error;
      }
    }
  }
  const count = Math.max(1, reference.length);
  return { count: reference.length, signal: signal / count, clipping: clipping / count, rounding: rounding / count };
}
