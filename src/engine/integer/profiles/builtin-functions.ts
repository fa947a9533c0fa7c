/**
 * More of LiteRT's own int8 kernels: functions of one or two codes and normalizations of rows. Definitions: tensorflow/
 * lite/kernels (squared_difference, elementwise, activations, l2norm, log_softmax) and internal/common.h.
 */
import {
  multiplyByQuantizedMultiplier,
  multiplyByQuantizedMultiplierSingleRounding,
  quantizeMultiplier,
  roundingDivideByPOT,
  saturatingRoundingDoublingHighMul,
  type FixedPoint,
} from '../../../core/numerics/requantize';
import { roundHalfAway, roundHalfToEven } from '../../../core/numerics/round';
import {
  saturate,
  type Affine,
  type BinaryRule,
  type CodeRange,
  type Requantizer,
  type RequantizerSpec,
  type RowRule,
  type UnaryRule,
} from '../profile';

const f32 = Math.fround;

/** One of 256 table entries: dequantize, apply, quantize by the inverse scale, in float32 with ties away from zero. */
export function byTable(real: (x: number) => number, input: Affine, output: Affine): UnaryRule {
  const inverse = f32(1 / f32(output.scale));
  return (code) => {
    const x = f32(f32(input.scale) * (code - input.zeroPoint));
    return saturate(roundHalfAway(f32(f32(real(x)) * inverse)) + output.zeroPoint);
  };
}

export function abs(input: Affine, output: Affine): UnaryRule {
  const same = input.scale === output.scale;
  const factor = quantizeMultiplier(input.scale / output.scale);
  return (code) => {
    const value = Math.abs(code - input.zeroPoint);
    return saturate((same ? value : multiplyByQuantizedMultiplier(value, factor)) + output.zeroPoint);
  };
}

/** Both operands are brought to twice the larger scale with 7 more bits, and the square to the output's. */
export function squaredDifference(a: Affine, b: Affine, output: Affine, range: CodeRange): BinaryRule {
  const common = 2 * Math.max(a.scale, b.scale);
  const [factorA, factorB] = [quantizeMultiplier(a.scale / common), quantizeMultiplier(b.scale / common)];
  const toOutput = quantizeMultiplier((common * common) / (2 ** 14 * output.scale));
  return (x, y) => {
    const difference =
      multiplyByQuantizedMultiplier((x - a.zeroPoint) * 128, factorA) -
      multiplyByQuantizedMultiplier((y - b.zeroPoint) * 128, factorB);
    return saturate(multiplyByQuantizedMultiplier(difference * difference, toOutput) + output.zeroPoint, range);
  };
}

/** 1/√x of a positive int32 by five Newton steps in 3.28 fixed point (gemmlowp's formats). */
function inverseSquareRoot(input: number): FixedPoint {
  if (input <= 1) return { multiplier: 2 ** 31 - 1, shift: 0 };
  let shift = 11;
  while (input >= 2 ** 29) {
    input = Math.floor(input / 4);
    shift++;
  }
  const leadingSigns = Math.clz32(input) - 1;
  const pairs = Math.floor(leadingSigns / 2) - 1;
  shift -= pairs;
  input *= 2 ** (2 * pairs);
  // input and estimate have 3 integer bits, so the product of two values has 6 and is brought back by 2³.
  const times = (x: number, y: number) => saturatingRoundingDoublingHighMul(x, y);
  const rescale = (x: number, exponent: number) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, x * 2 ** exponent));
  const half = roundingDivideByPOT(input >> 1, 1);
  const halfThree = 2 ** 27 + 2 ** 28; // 1.5 with 3 integer bits
  let x = 2 ** 28; // 1
  for (let step = 0; step < 5; step++) {
    const cubed = rescale(times(times(x, x), x), 6);
    x = rescale(times(halfThree, x) - times(half, cubed), 3);
  }
  const halfSquareRoot2 = 1518500250; // √½ with no integer bits
  x = times(x, halfSquareRoot2);
  if (shift < 0) {
    x *= 2 ** -shift;
    shift = 0;
  }
  return { multiplier: x, shift: -shift };
}

export function l2Normalization(input: Affine): RowRule {
  return (row, out) => {
    let squares = 0;
    for (const code of row) squares += (code - input.zeroPoint) ** 2;
    const factor = inverseSquareRoot(squares);
    row.forEach((code, i) => {
      out[i] = saturate(multiplyByQuantizedMultiplierSingleRounding(128 * (code - input.zeroPoint), factor));
    });
  };
}

/** Exponentials from a float32 table, their sum in order, one logarithm a row. */
export function logSoftmax(input: Affine, output: Affine): RowRule {
  const [from, to] = [f32(input.scale), f32(output.scale)];
  const exponentials = new Float32Array(256);
  for (let below = 0; below < 256; below++) exponentials[255 - below] = Math.exp(f32(-from * below));
  const scale = f32(from / to);
  return (row, out) => {
    let max = -128;
    for (const code of row) if (code > max) max = code;
    let sum = 0;
    for (const code of row) sum = f32(sum + exponentials[255 - max + code]);
    const offset = f32(f32(f32(from * max) + f32(Math.log(sum))) / to);
    row.forEach((code, i) => {
      out[i] = saturate(roundHalfToEven(f32(f32(scale * code) - offset)) + output.zeroPoint);
    });
  };
}

/**
 * Convolutions and dense layers with packed weights: a fixed-point factor for each channel, from scales multiplied in
 * float64, one rounding, ties up.
 */
export function singleRoundingRequantizer({
  inputScale,
  weightScales,
  channels,
  output,
  range,
}: RequantizerSpec): Requantizer {
  const factors = Array.from({ length: channels }, (_, c) =>
    quantizeMultiplier((inputScale * weightScales[weightScales.length === 1 ? 0 : c]) / output.scale),
  );
  return (accumulators, out, offset) => {
    for (let c = 0; c < channels; c++) {
      const code = multiplyByQuantizedMultiplierSingleRounding(accumulators[c], factors[c]);
      out[offset + c] = saturate(code + output.zeroPoint, range);
    }
  };
}

/** Matrix products: one fixed-point factor, the product rounded, then the shift. */
export function fixedPointRequantizer({
  inputScale,
  weightScales,
  channels,
  output,
  range,
}: RequantizerSpec): Requantizer {
  const factor = quantizeMultiplier(f32(inputScale * weightScales[0]) / output.scale);
  return (accumulators, out, offset) => {
    for (let c = 0; c < channels; c++)
      out[offset + c] = saturate(multiplyByQuantizedMultiplier(accumulators[c], factor) + output.zeroPoint, range);
  };
}
