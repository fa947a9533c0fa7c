/**
 * From a wide accumulator to a code: the arithmetic of gemmlowp and TensorFlow Lite's kernels in fixed point, and of
 * XNNPACK in float32. Bit-exact, in plain numbers: 64-bit products are kept as two halves.
 */
import { roundHalfAway, roundHalfToEven } from './round';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** multiplier · 2^(shift − 31) stands for a real number; the multiplier is in [2^30, 2^31), or 0. */
export interface FixedPoint {
  readonly multiplier: number;
  /** Positive shifts left. */
  readonly shift: number;
}

const word = new DataView(new ArrayBuffer(8));

/** value = fraction · 2^exponent with fraction in [0.5, 1), for positive finite values, subnormal ones included. */
function frexp(value: number): { fraction: number; exponent: number } {
  if (value < 2 ** -1022) {
    const { fraction, exponent } = frexp(value * 2 ** 54);
    return { fraction, exponent: exponent - 54 };
  }
  word.setFloat64(0, value);
  const high = word.getUint32(0);
  word.setUint32(0, (high & 0x000fffff) | (1022 << 20));
  return { fraction: word.getFloat64(0), exponent: (high >>> 20) - 1022 };
}

/** TensorFlow Lite's QuantizeMultiplier, for `real` ≥ 0. Below 2^-32 nothing is left: 0. */
export function quantizeMultiplier(real: number): FixedPoint {
  if (!(real >= 0 && real < Infinity)) throw new RangeError(`no multiplier stands for ${real}`);
  if (real === 0) return { multiplier: 0, shift: 0 };
  const { fraction, exponent } = frexp(real);
  const rounded = roundHalfAway(fraction * 2 ** 31);
  const carried = rounded === 2 ** 31;
  const shift = carried ? exponent + 1 : exponent;
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier: carried ? 2 ** 30 : rounded, shift };
}

/** floor(a · b / 2^16) for int32 a and b; exact, |result| ≤ 2^46. What is cut off lies in [0, 1). */
function productWithoutLow16(a: number, b: number): number {
  return a * (b >> 16) + Math.floor((a * (b & 0xffff)) / 65536);
}

/** gemmlowp: (2·a·b + 2^31) >> 32, that is a·b/2^31 rounded with ties to +∞; the one overflow saturates. */
export function saturatingRoundingDoublingHighMul(a: number, b: number): number {
  if (a === INT32_MIN && b === INT32_MIN) return INT32_MAX;
  return Math.floor((productWithoutLow16(a, b) + 2 ** 14) / 2 ** 15);
}

/** gemmlowp: x / 2^exponent, ties away from zero; exponent 0..31. */
export function roundingDivideByPOT(x: number, exponent: number): number {
  const mask = exponent === 31 ? INT32_MAX : (1 << exponent) - 1;
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

/** TensorFlow Lite's default: round the product, then the shift. x · 2^shift must fit int32. */
export function multiplyByQuantizedMultiplier(x: number, { multiplier, shift }: FixedPoint): number {
  const high = saturatingRoundingDoublingHighMul(shift > 0 ? x * 2 ** shift : x, multiplier);
  return shift < 0 ? roundingDivideByPOT(high, -shift) : high;
}

/** ruy's kernels on x86: two roundings as well, but the shift's ties go up. */
export function multiplyByQuantizedMultiplierTiesUp(x: number, { multiplier, shift }: FixedPoint): number {
  const high = saturatingRoundingDoublingHighMul(shift > 0 ? x * 2 ** shift : x, multiplier);
  return shift < 0 ? Math.floor((high + 2 ** (-shift - 1)) / 2 ** -shift) : high;
}

/** Builds with TFLITE_SINGLE_ROUNDING: (x · multiplier + half) >> (31 − shift). The result must fit int32; shift ≤ 14. */
export function multiplyByQuantizedMultiplierSingleRounding(x: number, { multiplier, shift }: FixedPoint): number {
  const right = 31 - shift - 16;
  return Math.floor((productWithoutLow16(x, multiplier) + 2 ** (right - 1)) / 2 ** right);
}

/** XNNPACK's multiplier from an accumulator to the output, each step in float32. */
export function float32Multiplier(inputScale: number, weightScale: number, outputScale: number): number {
  const accumulator = Math.fround(Math.fround(inputScale) * Math.fround(weightScale));
  return Math.fround(accumulator / Math.fround(outputScale));
}

/** XNNPACK: the accumulator as float32, scaled in float32, ties to even. The zero point is added after. */
export function requantizeFloat32(accumulator: number, multiplier: number): number {
  return roundHalfToEven(Math.fround(Math.fround(accumulator) * multiplier));
}
