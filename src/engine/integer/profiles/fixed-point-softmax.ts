/**
 * Softmax in fixed point, as TensorFlow Lite's reference kernel computes it, which is that of TensorFlow Lite for
 * Microcontrollers. Definitions: kernels/internal/reference/softmax.h and gemmlowp's fixedpoint.h; raw values of a number with
 * n integer bits count steps of 2^(n − 31).
 */
import {
  quantizeMultiplier,
  roundingDivideByPOT,
  saturatingRoundingDoublingHighMul,
} from '../../../core/numerics/requantize';
import { INT8, saturate, type Affine, type RowRule } from '../profile';

/** Integer bits of the scaled distance from the largest code, and of the sum of exponentials. */
const DISTANCE_BITS = 5;
const SUM_BITS = 12;

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);
const times = saturatingRoundingDoublingHighMul;
const shiftedLeft = (raw: number, bits: number) => Math.max(INT32_MIN, Math.min(INT32_MAX, raw * 2 ** bits));

/** exp over [−1/4, 0) by a Taylor series around −1/8; no integer bits in and out. */
function expNearZero(raw: number): number {
  const constant = 1895147668; // exp(−1/8)
  const third = 715827883;
  const x = raw + 2 ** 28;
  const x2 = times(x, x);
  const [x3, x4] = [times(x2, x), times(x2, x2)];
  const series = roundingDivideByPOT(times(roundingDivideByPOT(x4, 2) + x3, third) + x2, 1);
  return constant + times(constant, x + series);
}

/** exp(−2^e) with no integer bits, by the exponent e. */
const POWERS: readonly (readonly [exponent: number, raw: number])[] = [
  [-2, 1672461947],
  [-1, 1302514674],
  [0, 790015084],
  [1, 290630308],
  [2, 39332535],
  [3, 720401],
  [4, 242],
];

/** exp of a distance ≤ 0 with five integer bits: the part below a quarter by a series, the rest bit by bit. */
function exponential(raw: number): number {
  if (raw === 0) return INT32_MAX;
  const fractionBits = 31 - DISTANCE_BITS;
  const quarter = 2 ** (fractionBits - 2);
  const below = (raw & (quarter - 1)) - quarter;
  const remainder = below - raw;
  let result = expNearZero(shiftedLeft(below, DISTANCE_BITS));
  for (const [exponent, factor] of POWERS)
    if (remainder & (1 << (fractionBits + exponent))) result = times(result, factor);
  return result;
}

/** 1/(1 + x) for x in [0, 1), no integer bits in and out, by three steps of Newton's method with two integer bits. */
function reciprocalOfOnePlus(raw: number): number {
  const half = Math.trunc((raw + INT32_MAX + 1) / 2); // both are positive
  const one = 2 ** 29;
  let x = 1515870810 + times(half, -1010580540); // 48/17 − 32/17 · half
  for (let step = 0; step < 3; step++) x += shiftedLeft(times(x, one - times(half, x)), 2);
  return shiftedLeft(x, 1);
}

export function fixedPointSoftmax(input: Affine, beta: number): RowRule {
  const scaled = Math.min(beta * input.scale * 2 ** (31 - DISTANCE_BITS), INT32_MAX);
  const { multiplier, shift } = quantizeMultiplier(scaled);
  const farthest = -Math.floor(((2 ** DISTANCE_BITS - 1) * 2 ** (31 - DISTANCE_BITS)) / 2 ** shift);
  const distances = new Map<number, number>();
  const exponentialOf = (difference: number): number => {
    let known = distances.get(difference);
    if (known === undefined)
      distances.set(difference, (known = exponential(times(difference * 2 ** shift, multiplier))));
    return known;
  };
  return (row, out) => {
    let max = INT8.min;
    for (const code of row) if (code > max) max = code;
    let sum = 0;
    for (const code of row) if (code - max >= farthest) sum += roundingDivideByPOT(exponentialOf(code - max), SUM_BITS);
    const headroom = Math.clz32(sum);
    const scale = reciprocalOfOnePlus(sum * 2 ** headroom - 2 ** 31);
    const bitsOverUnit = SUM_BITS - headroom;
    row.forEach((code, i) => {
      if (code - max < farthest) out[i] = INT8.min;
      else {
        const share = times(scale, exponentialOf(code - max));
        out[i] = saturate(roundingDivideByPOT(share, bitsOverUnit + 31 - 8) + INT8.min);
      }
    });
  };
}
