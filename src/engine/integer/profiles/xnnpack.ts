/**
 * What LiteRT.js runs: XNNPACK's delegate where it takes the op, which requantizes in float32 with ties to even, and
 * LiteRT's built-in kernels for the rest (softmax, relu at another scale, prelu, hard swish, average pool, and rescaling
 * by ratios XNNPACK refuses). Found by comparing every element of single-op models with the runtime.
 */
import type { Op } from '../../../core/graph/ops/attrs';
import { float32Multiplier } from '../../../core/numerics/requantize';
import { roundHalfToEven } from '../../../core/numerics/round';
import { bilinearTap } from '../../../core/graph/spatial';
import {
  INT8,
  saturate,
  type Affine,
  type Profile,
  type Requantizer,
  type RequantizerSpec,
  type UnaryRule,
} from '../profile';
import * as functions from './builtin-functions';
import * as builtin from './builtin-rules';
import { gelu } from './gelu';

const f32 = Math.fround;

/** float32 throughout, then ties to even, then the zero point. */
function requantizer(spec: RequantizerSpec): Requantizer {
  const { inputScale, weightScales, channels, output, range } = spec;
  // Not taken by XNNPACK.
  if (spec.op === 'batchMatMul') return functions.fixedPointRequantizer(spec);
  if (spec.packed) return functions.singleRoundingRequantizer(spec);
  const multipliers = Float32Array.from({ length: channels }, (_, c) =>
    float32Multiplier(inputScale, weightScales[weightScales.length === 1 ? 0 : c], output.scale),
  );
  const { zeroPoint } = output;
  const low = range.min - zeroPoint;
  const high = range.max - zeroPoint;
  const magic = 1.5 * 2 ** 52; // roundHalfToEven, inlined into the one loop that every output passes
  return (accumulators, out, offset) => {
    for (let c = 0; c < channels; c++) {
      const scaled = f32(f32(accumulators[c]) * multipliers[c]);
      const rounded = scaled + magic - magic;
      out[offset + c] = (rounded < low ? low : rounded > high ? high : rounded) + zeroPoint;
    }
  };
}

/** Dequantize, apply in float32, quantize by the inverse scale: how XNNPACK fills its 256-entry tables. */
function byTable(real: (x: number) => number) {
  return (input: Affine, output: Affine): UnaryRule => {
    const inverse = f32(1 / f32(output.scale));
    return (code) => {
      const x = f32((code - input.zeroPoint) * f32(input.scale));
      return saturate(roundHalfToEven(f32(f32(f32(real(x)) * inverse) + output.zeroPoint)));
    };
  };
}

/** XNNPACK rescales 8-bit codes by ratios within these bounds only. */
const inRescaleRange = (ratio: number): boolean => ratio >= 2 ** -8 && ratio <= 2 ** 7;

/** 8 fraction bits in the multiplier, 7 in the value; the sign is turned twice so that ties round down. */
function rescale(input: Affine, output: Affine, factor: (value: number) => number): UnaryRule {
  return (code) => {
    const value = input.zeroPoint - code;
    return saturate(Math.floor((value * 128 * factor(value) + 0x4000) / 0x8000) + output.zeroPoint);
  };
}

/** 20-bit fixed point with one rounding, ties up. */
function addRule(sign: 1 | -1): Profile['binary']['add'] {
  return (a, b, output, range) => {
    const scaleA = f32(a.scale / output.scale);
    const scaleB = f32(b.scale / output.scale);
    const shift = 20 - Math.floor(Math.log2(Math.max(scaleA, scaleB)));
    const multiplierA = roundHalfToEven(scaleA * 2 ** shift);
    const multiplierB = sign * roundHalfToEven(scaleB * 2 ** shift);
    const bias = 2 ** (shift - 1) - multiplierA * a.zeroPoint - multiplierB * b.zeroPoint;
    return (x, y) =>
      saturate(Math.floor((bias + x * multiplierA + y * multiplierB) / 2 ** shift) + output.zeroPoint, range);
  };
}

/** Pooling which XNNPACK does not take: averages of codes, and windows that leave gaps. */
function runsBuiltin(op: Op): boolean {
  if (op.kind === 'averagePool2d') return true;
  return op.kind === 'maxPool2d' && op.attrs.strides.some((stride, i) => stride > op.attrs.filter[i]);
}

export const xnnpack: Profile = {
  name: 'XNNPACK (float32 requantization)',

  activationRange(op, output) {
    const { activation } = op;
    if (runsBuiltin(op)) return builtin.activationRange(activation, output);
    const code = (value: number) => saturate(roundHalfToEven(f32(f32(value / output.scale) + output.zeroPoint)));
    return {
      min: activation === 'none' ? INT8.min : code(activation === 'reluN1To1' ? -1 : 0),
      max: activation === 'relu6' ? code(6) : activation === 'reluN1To1' ? code(1) : INT8.max,
    };
  },

  requantizer,

  unary: {
    sigmoid: byTable((x) => 1 / (1 + Math.exp(-x))),
    tanh: byTable(Math.tanh),
    elu: byTable((x) => (x < 0 ? Math.expm1(x) : x)),
    relu: builtin.relu('relu'),
    relu6: builtin.relu('relu6'),
    reluN1To1: builtin.relu('reluN1To1'),
    relu0To1: builtin.relu0To1,
    hardSwish: builtin.hardSwish,
    gelu: (input, output, { approximate }) => functions.byTable(gelu(approximate), input, output),
    exp: (input, output) => functions.byTable(Math.exp, input, output),
    abs: functions.abs,
    leakyRelu(input, output, { alpha }) {
      const ratio = f32(input.scale / output.scale);
      const slope = f32(ratio * f32(alpha));
      if (!inRescaleRange(ratio) || !inRescaleRange(Math.abs(slope))) return builtin.leakyRelu(input, output, alpha);
      const positive = roundHalfToEven(-256 * ratio);
      const negative = roundHalfToEven(-256 * slope);
      return rescale(input, output, (value) => (value > 0 ? negative : positive));
    },
    quantize(input, output) {
      const ratio = f32(input.scale / output.scale);
      if (!inRescaleRange(ratio)) return builtin.rescale(input, output);
      const multiplier = roundHalfToEven(-256 * ratio);
      return rescale(input, output, () => multiplier);
    },
  },

  binary: {
    add: addRule(1),
    sub: addRule(-1),
    mul(a, b, output, range) {
      const scale = float32Multiplier(a.scale, b.scale, output.scale);
      return (x, y) => {
        const product = (x - a.zeroPoint) * (y - b.zeroPoint);
        return saturate(roundHalfToEven(f32(product * scale)) + output.zeroPoint, range);
      };
    },
    prelu: builtin.prelu,
    squaredDifference: functions.squaredDifference,
    maximum: () => Math.max,
    minimum: () => Math.min,
  },

  mean(input, output, count) {
    const scale = f32(f32(input.scale / output.scale) / count);
    return (sum) => saturate(roundHalfToEven(f32((sum - count * input.zeroPoint) * scale)) + output.zeroPoint);
  },

  averagePool: builtin.averagePool,
  softmax: builtin.softmax,
  logSoftmax: functions.logSoftmax,
  l2Normalization: functions.l2Normalization,

  sum(input, output, count) {
    const scale = f32(input.scale / output.scale);
    return (sum) => saturate(roundHalfToEven(f32((sum - count * input.zeroPoint) * scale)) + output.zeroPoint);
  },

  /** Weights in 11 bits. */
  bilinearTaps(length, size, sampling) {
    const taps = Array.from({ length: size }, (_, i) => bilinearTap(i, length, size, sampling));
    return {
      lower: Int32Array.from(taps, (t) => t.lower),
      upper: Int32Array.from(taps, (t) => t.upper),
      weight: Float64Array.from(taps, (t) => roundHalfToEven(f32(t.fraction * 2048))),
    };
  },

  bilinear(topLeft, topRight, bottomLeft, bottomRight, x, y) {
    const top = topLeft * 2048 + (topRight - topLeft) * x;
    const bottom = bottomLeft * 2048 + (bottomRight - bottomLeft) * x;
    return Math.floor((top * 2048 + (bottom - top) * y + 2 ** 21) / 2 ** 22);
  },

  quantize({ scale, zeroPoint }) {
    const inverse = f32(1 / f32(scale));
    return (value) => saturate(roundHalfToEven(f32(value * inverse)) + zeroPoint);
  },

  dequantize({ scale, zeroPoint }) {
    return (code) => f32((code - zeroPoint) * scale);
  },
};
