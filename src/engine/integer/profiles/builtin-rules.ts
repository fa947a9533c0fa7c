/**
 * Arithmetic of LiteRT's own optimized int8 kernels, which run what no delegate takes. Definitions: tensorflow/lite/
 * kernels/internal (gemmlowp fixed point with two roundings; softmax by a float table; hard swish in 16 bits).
 */
import type { FusedActivation } from '../../../core/graph/ops/attrs';
import {
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundingDivideByPOT,
} from '../../../core/numerics/requantize';
import { roundHalfAway } from '../../../core/numerics/round';
import { INT8, saturate, type Affine, type BinaryRule, type CodeRange, type UnaryRule } from '../profile';

const f32 = Math.fround;

/** Clamp codes of a fused activation: zero point plus the bound over the scale, ties away from zero. */
export function activationRange(activation: FusedActivation, { scale, zeroPoint }: Affine): CodeRange {
  const code = (value: number) => saturate(zeroPoint + roundHalfAway(f32(value / scale)));
  return {
    min: activation === 'none' ? INT8.min : code(activation === 'reluN1To1' ? -1 : 0),
    max: activation === 'relu6' ? code(6) : activation === 'reluN1To1' ? code(1) : INT8.max,
  };
}

/** From one scale to another. */
export function rescale(input: Affine, output: Affine, range = INT8): UnaryRule {
  const factor = quantizeMultiplier(input.scale / output.scale);
  return (code) => saturate(multiplyByQuantizedMultiplier(code - input.zeroPoint, factor) + output.zeroPoint, range);
}

export function relu(activation: 'relu' | 'relu6' | 'reluN1To1') {
  return (input: Affine, output: Affine): UnaryRule => rescale(input, output, activationRange(activation, output));
}

export function relu0To1(input: Affine, output: Affine): UnaryRule {
  const top = saturate(output.zeroPoint + roundHalfAway(f32(1 / output.scale)));
  return rescale(input, output, { min: output.zeroPoint, max: top });
}

export function leakyRelu(input: Affine, output: Affine, alpha: number): UnaryRule {
  const ratio = (input.scale * f32(alpha)) / output.scale;
  const negative = quantizeMultiplier(Math.abs(ratio));
  const positive = quantizeMultiplier(input.scale / output.scale);
  return (code) => {
    const value = code - input.zeroPoint;
    const scaled =
      value >= 0
        ? multiplyByQuantizedMultiplier(value, positive)
        : multiplyByQuantizedMultiplier(ratio < 0 ? -value : value, negative);
    return saturate(scaled + output.zeroPoint);
  };
}

export function prelu(input: Affine, alpha: Affine, output: Affine): BinaryRule {
  const positive = quantizeMultiplier(input.scale / output.scale);
  const negative = quantizeMultiplier((input.scale * alpha.scale) / output.scale);
  return (code, alphaCode) => {
    const value = code - input.zeroPoint;
    const scaled =
      value >= 0
        ? multiplyByQuantizedMultiplier(value, positive)
        : multiplyByQuantizedMultiplier(value * (alphaCode - alpha.zeroPoint), negative);
    return saturate(scaled + output.zeroPoint);
  };
}

const saturate16 = (x: number): number => Math.max(-32768, Math.min(32767, x));
/** High half of the doubled 16-bit product, rounded to nearest, and cut. */
const roundingHigh16 = (a: number, b: number): number =>
  a === -32768 && b === -32768 ? 32767 : Math.trunc((a * b + (a * b >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / 2 ** 15);
const cutHigh16 = (a: number, b: number): number =>
  a === -32768 && b === -32768 ? 32767 : Math.trunc((a * b) / 2 ** 15);
/** A 32-bit multiplier in 16 bits, rounded. */
const narrow16 = (multiplier: number): number =>
  multiplier >= 2 ** 31 - 1 - 32768 ? 32767 : (multiplier + 32768) >> 16;

/** x · relu6(x + 3) / 6, where relu6 is found by saturation: 3 corresponds to 2^15. */
export function hardSwish(input: Affine, output: Affine): UnaryRule {
  const fine = f32(f32(1 / 128) * f32(input.scale)); // the input shifted left by 7 bits
  const toOutput = quantizeMultiplier(f32(fine / f32(output.scale)));
  const toRelu = quantizeMultiplier(f32(fine / f32(3 / 32768)));
  const outputMultiplier = narrow16(toOutput.multiplier);
  const reluMultiplier = narrow16(toRelu.multiplier);
  return (code) => {
    const value = (code - input.zeroPoint) * 128;
    let gate = value;
    if (toRelu.shift > 0) gate = saturate16(gate * 2 ** (toRelu.shift - 1));
    gate = roundingHigh16(gate, reluMultiplier);
    if (toRelu.shift > 0) gate = saturate16(gate * 2);
    if (toRelu.shift < 0) gate = roundingDivideByPOT(gate, -toRelu.shift);
    gate = (gate + 32768) >> 1; // from [-1, 1] to [0, 1]
    const product = cutHigh16(gate, roundingHigh16(value, outputMultiplier));
    return saturate(roundingDivideByPOT(product, -toOutput.shift) + output.zeroPoint);
  };
}

/** The truncating division with half of the divisor added towards the sign. */
export function averagePool(sum: number, count: number): number {
  const half = count >> 1;
  return Math.trunc((sum > 0 ? sum + half : sum - half) / count);
}

/** exp of every distance below the row's maximum from a float32 table, summed in order. */
export function softmax(input: Affine, output: Affine, beta: number): (row: Int8Array, out: Int8Array) => void {
  const exponentials = new Float32Array(256);
  const scale = f32(-f32(input.scale) * f32(beta));
  for (let below = 0; below < 256; below++) exponentials[255 - below] = Math.exp(f32(scale * below));
  return (row, out) => {
    let max = INT8.min;
    for (let i = 0; i < row.length; i++) if (row[i] > max) max = row[i];
    const origin = 255 - max;
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum = f32(sum + exponentials[origin + row[i]]);
    const inverse = f32(1 / f32(sum * f32(output.scale)));
    for (let i = 0; i < row.length; i++)
      out[i] = saturate(roundHalfAway(f32(exponentials[origin + row[i]] * inverse)) + output.zeroPoint);
  };
}
