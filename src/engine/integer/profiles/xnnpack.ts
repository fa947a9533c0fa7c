/**
 * What LiteRT.js runs: XNNPACK's delegate where it takes the op, which requantizes in float32 and rounds ties to even,
 * and LiteRT's optimized built-in kernels for the rest. Found by comparing every element of single-op models.
 */
import type { Affine, CodeRange, Profile, Requantizer, RequantizerSpec } from '../profile';

const f32 = Math.fround;
const INT8: CodeRange = { min: -128, max: 127 };

/** Nearest integer, ties to even, for |x| < 2^51: adding 1.5 · 2^52 leaves no fraction bits. */
const MAGIC = 6755399441055744;
export function roundToEven(x: number): number {
  return x + MAGIC - MAGIC;
}

/** Ties away from zero, as C's round(). */
function roundAway(x: number): number {
  return x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5);
}

function clamp(x: number, { min, max }: CodeRange): number {
  return x < min ? min : x > max ? max : x;
}

/** float32 throughout, then ties to even, then the zero point. */
function requantizer({ inputScale, weightScales, channels, output, range }: RequantizerSpec): Requantizer {
  const multipliers = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const weightScale = weightScales[weightScales.length === 1 ? 0 : c];
    multipliers[c] = f32(f32(f32(inputScale) * weightScale) / f32(output.scale));
  }
  const { zeroPoint } = output;
  const low = range.min - zeroPoint;
  const high = range.max - zeroPoint;
  return (accumulators, out, offset) => {
    for (let c = 0; c < channels; c++) {
      const scaled = f32(f32(accumulators[c]) * multipliers[c]);
      const rounded = scaled + MAGIC - MAGIC;
      out[offset + c] = (rounded < low ? low : rounded > high ? high : rounded) + zeroPoint;
    }
  };
}

/** Dequantize, apply in float32, quantize by the inverse scale: how XNNPACK fills its 256-entry tables. */
function byTable(input: Affine, output: Affine, real: (x: number) => number) {
  const inverse = f32(1 / f32(output.scale));
  return (code: number): number => {
    const x = f32((code - input.zeroPoint) * f32(input.scale));
    return clamp(roundAway(f32(f32(f32(real(x)) * inverse) + output.zeroPoint)), INT8);
  };
}

/** 20-bit fixed point with one rounding, ties up. `sign` is -1 for subtraction. */
function addRule(sign: 1 | -1) {
  return (a: Affine, b: Affine, output: Affine, range: CodeRange) => {
    const scaleA = f32(a.scale / output.scale);
    const scaleB = f32(b.scale / output.scale);
    const shift = 20 - Math.floor(Math.log2(Math.max(scaleA, scaleB)));
    const multiplierA = roundToEven(scaleA * 2 ** shift);
    const multiplierB = sign * roundToEven(scaleB * 2 ** shift);
    const bias = 2 ** (shift - 1) - multiplierA * a.zeroPoint - multiplierB * b.zeroPoint;
    return (x: number, y: number): number =>
      clamp(Math.floor((bias + x * multiplierA + y * multiplierB) / 2 ** shift) + output.zeroPoint, range);
  };
}

export const xnnpack: Profile = {
  name: 'XNNPACK (float32 requantization)',

  activationRange(activation, { scale, zeroPoint }) {
    const code = (value: number) => clamp(roundToEven(f32(f32(value / scale) + zeroPoint)), INT8);
    switch (activation) {
      case 'none':
        return INT8;
      case 'relu':
        return { min: code(0), max: INT8.max };
      case 'relu6':
        return { min: code(0), max: code(6) };
      case 'reluN1To1':
        return { min: code(-1), max: code(1) };
    }
  },

  requantizer,

  unary: {
    sigmoid: (input, output) => byTable(input, output, (x) => 1 / (1 + Math.exp(-x))),
    tanh: (input, output) => byTable(input, output, Math.tanh),
    relu: (input, output) => byTable(input, output, (x) => Math.max(x, 0)),
    relu6: (input, output) => byTable(input, output, (x) => Math.min(Math.max(x, 0), 6)),
    leakyRelu: (input, output, { alpha }) => byTable(input, output, (x) => (x < 0 ? x * f32(alpha) : x)),
    hardSwish: (input, output) => byTable(input, output, (x) => f32(f32(x / 6) * Math.max(Math.min(f32(x + 3), 6), 0))),
    elu: (input, output) => byTable(input, output, (x) => (x < 0 ? Math.expm1(x) : x)),
    quantize: (input, output) => byTable(input, output, (x) => x),
  },

  binary: {
    add: addRule(1),
    sub: addRule(-1),
    mul: (a, b, output, range) => {
      const scale = f32(f32(a.scale * b.scale) / output.scale);
      return (x, y) => clamp(roundToEven(f32((x - a.zeroPoint) * (y - b.zeroPoint) * scale)) + output.zeroPoint, range);
    },
    prelu: () => () => 0,
  },

  mean(input, output, count) {
    const scale = f32(f32(input.scale / output.scale) / count);
    return (sum) => clamp(roundToEven(f32((sum - count * input.zeroPoint) * scale)) + output.zeroPoint, INT8);
  },

  averagePool: (sum, count) => Math.trunc((sum > 0 ? sum + (count >> 1) : sum - (count >> 1)) / count),

  softmax(input, output, beta) {
    const exponentials = new Float32Array(256);
    const scale = f32(-input.scale * f32(beta));
    for (let below = 0; below < 256; below++) exponentials[255 - below] = Math.exp(f32(scale * below));
    return (row, out) => {
      let max = -128;
      for (const code of row) if (code > max) max = code;
      const origin = 255 - max;
      let sum = 0;
      for (const code of row) sum = f32(sum + exponentials[origin + code]);
      const inverse = f32(1 / f32(sum * output.scale));
      for (let i = 0; i < row.length; i++) {
        const probability = roundAway(f32(exponentials[origin + row[i]] * inverse));
        out[i] = clamp(probability + output.zeroPoint, INT8);
      }
    };
  },

  bilinearTaps(inputSize, outputSize, { alignCorners, halfPixelCenters }) {
    const scale =
      alignCorners && outputSize > 1 ? f32((inputSize - 1) / (outputSize - 1)) : f32(inputSize / outputSize);
    const offset = halfPixelCenters ? f32(f32(0.5 * scale) - 0.5) : 0;
    const lower = new Int32Array(outputSize);
    const upper = new Int32Array(outputSize);
    const weight = new Float64Array(outputSize);
    for (let i = 0; i < outputSize; i++) {
      const at = Math.min(Math.max(f32(f32(i * scale) + offset), 0), inputSize - 1);
      lower[i] = Math.floor(at);
      upper[i] = Math.min(lower[i] + 1, inputSize - 1);
      weight[i] = roundToEven(f32(f32(at - lower[i]) * 2048));
    }
    return { lower, upper, weight };
  },

  bilinear(topLeft, topRight, bottomLeft, bottomRight, x, y) {
    const top = (topLeft << 11) + (topRight - topLeft) * x;
    const bottom = (bottomLeft << 11) + (bottomRight - bottomLeft) * x;
    return Math.floor((top * 2048 + (bottom - top) * y + 2 ** 21) / 2 ** 22);
  },

  quantize({ scale, zeroPoint }) {
    const inverse = f32(1 / f32(scale));
    return (value) => clamp(roundToEven(f32(value * inverse)) + zeroPoint, INT8);
  },

  dequantize:
    ({ scale, zeroPoint }) =>
    (code) =>
      f32((code - zeroPoint) * scale),
};
