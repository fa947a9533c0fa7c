/** Affine quantization: real = scale · (q − zeroPoint), with the scale a float32 as files store it. */
import { RangefinderError } from '../../base/errors';
import type { Range } from '../calibration/types';
import { extentOf, type NumberFormat } from '../number-formats/format';
import { clamp, roundHalfAway, roundHalfToEven } from './round';

export interface AffineParams {
  /** Positive, exactly representable as float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The product of two scales, which a bias has, must stay a normal float32: XNNPACK refuses others. */
export const SMALLEST_SCALE = 2 ** -60;

/**
 * The grid that covers a range.
 *
 * Asymmetric: the range is widened to include 0, and 0 becomes a code exactly. As in TensorFlow Lite's
 * ChooseQuantizationParams, the zero point follows from the end of the range that gives the smaller floating-point error
 * and is rounded half away from zero; so either end may lie up to half a step outside the grid.
 * Symmetric: scale = max(|min|, |max|) / the largest value of the grid, zero point 0; floating-point grids are symmetric.
 * A range of zero width gets scale 1 and zero point 0; scales are never below {@link SMALLEST_SCALE}.
 *
 * @throws RangefinderError 'invalid-settings' unless both ends are finite and in order.
 */
export function chooseQuantParams({ min, max }: Range, format: NumberFormat): AffineParams {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min <= max))
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `A range from ${min} to ${max} cannot be quantized.`,
      hint: 'Give two finite numbers, the smaller one first.',
    });
  if (format.kind === 'float' && !format.scaled) return { scale: 1, zeroPoint: 0 };
  const { low: qmin, high: qmax } = extentOf(format);
  if (format.symmetric) return { scale: usableScale(Math.max(-min, max) / qmax), zeroPoint: 0 };
  const low = Math.min(min, 0);
  const high = Math.max(max, 0);
  if (low === high) return { scale: 1, zeroPoint: 0 };
  const exact = (high - low) / (qmax - qmin);
  const scale = usableScale(exact);
  // While the range is wide enough to count, the zero point comes from the unrounded scale, as in TensorFlow.
  const step = exact < SMALLEST_SCALE ? scale : exact;
  const minIsSafer = Math.abs(qmin) - low / step < Math.abs(qmax) + high / step;
  const zeroPoint = minIsSafer ? qmin - low / step : qmax - high / step;
  return { scale, zeroPoint: clamp(roundHalfAway(zeroPoint), qmin, qmax) };
}

function usableScale(exact: number): number {
  return exact === 0 ? 1 : Math.max(Math.fround(exact), SMALLEST_SCALE);
}

/** The part of the real line a grid can represent. */
export function representableRange({ scale, zeroPoint }: AffineParams, format: NumberFormat): Range {
  const { low, high } = extentOf(format);
  return { min: scale * (low - zeroPoint), max: scale * (high - zeroPoint) };
}

/** Nearest code, ties to even, saturated. NaN becomes the zero point. */
export function quantize(value: number, { scale, zeroPoint }: AffineParams, qmin: number, qmax: number): number {
  const code = clamp(roundHalfToEven(value / scale) + zeroPoint, qmin, qmax);
  return Number.isNaN(code) ? zeroPoint : code;
}

export function dequantize(code: number, { scale, zeroPoint }: AffineParams): number {
  return scale * (code - zeroPoint);
}

/** {@link quantize} of each value; the codes must fit int8. */
export function quantizeArray(
  values: Float32Array,
  scale: number,
  zeroPoint: number,
  qmin: number,
  qmax: number,
): Int8Array {
  const params = { scale, zeroPoint };
  const codes = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) codes[i] = quantize(values[i], params, qmin, qmax);
  return codes;
}

/** Real values, rounded to float32. */
export function dequantizeArray(codes: ArrayLike<number>, scale: number, zeroPoint: number): Float32Array {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = scale * (codes[i] - zeroPoint);
  return values;
}
