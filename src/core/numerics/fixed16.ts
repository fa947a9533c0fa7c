/**
 * gemmlowp's logistic and hyperbolic tangent in 16-bit fixed point, which LiteRT's recurrent kernels look up gates with.
 * A number with k integer bits stands for raw · 2^(k − 15); results have none. Source: gemmlowp, fixedpoint/fixedpoint.h.
 */
import { roundingDivideByPOT } from './requantize';

const MIN = -32768;
const MAX = 32767;

/** Sums and differences wrap around, as int16 does. */
const wrap = (x: number): number => (x << 16) >> 16;

/** A constant that gemmlowp gives in 32 bits. */
const constant = (raw: number): number => roundingDivideByPOT(raw, 16);

/** a · b / 2^15, rounded to the nearest; the one overflow saturates. */
function times(a: number, b: number): number {
  if (a === MIN && b === MIN) return MAX;
  const product = a * b;
  return Math.trunc((product + (product >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / 2 ** 15);
}

/** x · 2^exponent for exponent ≥ 0, saturated. */
function shifted(x: number, exponent: number): number {
  const most = (1 << (15 - exponent)) - 1;
  return x > most ? MAX : x < -most ? MIN : x << exponent;
}

const EXP_OF_MINUS_EIGHTH = constant(1895147668);
const THIRD = constant(715827883);

/** exp(x) for x in [−1/4, 0), by Taylor around −1/8. */
function expOfQuarter(raw: number): number {
  const x = raw + 2 ** 12;
  const square = times(x, x);
  const cube = times(square, x);
  const quarterOfFourth = roundingDivideByPOT(times(square, square), 2);
  const rest = roundingDivideByPOT(wrap(times(wrap(quarterOfFourth + cube), THIRD) + square), 1);
  return Math.min(MAX, EXP_OF_MINUS_EIGHTH + times(EXP_OF_MINUS_EIGHTH, wrap(x + rest)));
}

/** exp(−2^k) for k from −2 on. */
const EXP_OF_MINUS_POWERS = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242].map(constant);

function expOfNegative(raw: number, integerBits: number): number {
  if (raw === 0) return MAX;
  const fractionBits = 15 - integerBits;
  if (integerBits > 5 && raw < -(1 << (20 - integerBits))) return 0; // below −32
  const quarter = 1 << (fractionBits - 2);
  const withinQuarter = (raw & (quarter - 1)) - quarter;
  let result = expOfQuarter(shifted(withinQuarter, integerBits));
  const remainder = wrap(withinQuarter - raw);
  EXP_OF_MINUS_POWERS.forEach((factor, i) => {
    const exponent = i - 2;
    if (integerBits > exponent && (remainder & (1 << (fractionBits + exponent))) !== 0) result = times(result, factor);
  });
  return result;
}

const [ALL_OF_17, PART_OF_17] = [constant(1515870810), constant(-1010580540)]; // 48/17 and −32/17 with 2 integer bits
const ONE_OF_4 = 2 ** 13; // 1 with 2 integer bits

/** 2 / (1 + x) with 2 integer bits for x in (0, 1), by three steps of Newton. */
function twiceInverse(x: number): number {
  const sum = x + MAX;
  const halfDenominator = Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2);
  let result = wrap(ALL_OF_17 + times(halfDenominator, PART_OF_17));
  for (let step = 0; step < 3; step++) {
    const rest = wrap(ONE_OF_4 - times(halfDenominator, result));
    result = wrap(result + shifted(times(result, rest), 2));
  }
  return result;
}

export function logistic16(raw: number, integerBits: number): number {
  if (raw === 0) return 2 ** 14;
  const positive = shifted(twiceInverse(expOfNegative(raw > 0 ? -raw : raw, integerBits)), 1);
  return raw > 0 ? positive : MAX - positive;
}

export function tanh16(raw: number, integerBits: number): number {
  if (raw === 0) return 0;
  const negative = raw < 0 ? raw : -raw;
  const result = shifted(wrap(twiceInverse(expOfNegative(negative, integerBits + 1)) - ONE_OF_4), 2);
  return raw < 0 ? -result : result;
}
