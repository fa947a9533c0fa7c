/**
 * One multiply-accumulate in hardware: energy of the arithmetic alone, relative area, width of an exact accumulator. All
 * published figures with where they are from; what is scaled from them says so.
 */
import { bitsOf, type AnyFormat, type FloatFormat, type NumberFormat } from '../number-formats/format';

export const HOROWITZ = 'M. Horowitz, "Computing’s energy problem (and what we can do about it)", ISSCC 2014, 45 nm';
export const VAN_BAALEN = 'M. van Baalen et al., "FP8 versus INT8 for efficient deep learning inference", 2023';
export const FORMATSCOPE = 'FormatScope: a fused 32-lane dot product synthesised in the open sky130 process';

/** Picojoules of one operation. */
export const OPERATION_PJ = {
  intAdd: { 8: 0.03, 16: 0.05, 32: 0.1 },
  intMultiply: { 8: 0.2, 32: 3.1 },
  floatAdd: { 16: 0.4, 32: 0.9 },
  floatMultiply: { 16: 1.1, 32: 3.7 },
  /** 64 bits from 8 KB. */
  cacheRead: 10,
  source: HOROWITZ,
} as const;

/** What an FP8 multiplier adds into: it decides most of what FP8 costs beyond INT8. */
export interface Accumulator {
  readonly id: 'fp16' | 'fp32' | 'fused';
  readonly label: string;
  /** Gates of an FP8 MAC relative to an INT8 one. */
  readonly relativeArea: number;
  readonly explain: string;
  readonly source: string;
}

export const ACCUMULATORS: readonly Accumulator[] = [
  {
    id: 'fp16',
    label: 'FP16 accumulator',
    relativeArea: 1.53,
    explain: 'FP8-E4 into FP16: 53 % more gates than INT8 into INT32.',
    source: VAN_BAALEN,
  },
  {
    id: 'fp32',
    label: 'FP32 accumulator',
    relativeArea: 2.83,
    explain: 'FP8-E4 into FP32: 183 % more gates than INT8 into INT32.',
    source: VAN_BAALEN,
  },
  {
    id: 'fused',
    label: 'fused dot product',
    relativeArea: 1.126,
    explain: 'Counter-evidence: 32 E4M3 products added in one tree took 12.6 % more area than INT8.',
    source: FORMATSCOPE,
  },
];

export type AccumulatorId = Accumulator['id'];

export function accumulatorOf(id: AccumulatorId): Accumulator {
  return ACCUMULATORS.find((row) => row.id === id)!;
}

export interface MacFigure {
  readonly value: number;
  readonly source: string;
  /** How it follows from the source; absent where it stands there. */
  readonly derived?: string;
}

const INT8_PJ = OPERATION_PJ.intMultiply[8] + OPERATION_PJ.intAdd[32];

function elementOf(format: AnyFormat): NumberFormat {
  return format.kind === 'block' ? format.element : format;
}

/** The arithmetic that multiplies two formats: floating point where either is, as wide as the wider. */
function widestFloat(a: AnyFormat, b: AnyFormat): FloatFormat | null {
  const floats = [elementOf(a), elementOf(b)].filter((format) => format.kind === 'float');
  return floats.reduce<FloatFormat | null>((widest, f) => (!widest || bitsOf(f) > bitsOf(widest) ? f : widest), null);
}

/** Picojoules of one multiply-accumulate in the ALU. It is not what a device takes: moving data costs far more. */
export function macEnergy(weights: AnyFormat, activations: AnyFormat, accumulator: AccumulatorId): MacFigure {
  const float = widestFloat(weights, activations);
  if (!float) {
    const widths = bitsOf(weights) * bitsOf(activations);
    const value = (OPERATION_PJ.intMultiply[8] * widths) / 64 + OPERATION_PJ.intAdd[32];
    const sum = 'multiplier + 32-bit adder';
    return {
      value,
      source: HOROWITZ,
      derived: widths === 64 ? sum : `${sum}, the 8-bit multiplier scaled by both widths`,
    };
  }
  const bits = bitsOf(float);
  if (bits > 8) {
    const width = bits > 16 ? 32 : 16;
    const value = OPERATION_PJ.floatMultiply[width] + OPERATION_PJ.floatAdd[width];
    return { value, source: HOROWITZ, derived: 'multiplier + adder' };
  }
  const { relativeArea, source, label } = accumulatorOf(accumulator);
  return {
    value: INT8_PJ * relativeArea,
    source: `${HOROWITZ}; ${source}`,
    derived: `INT8 × ${relativeArea}: energy is taken to grow with the gates (${label})`,
  };
}

/** Area of one multiply-accumulate relative to INT8's; null where no source used here measured it. */
export function macArea(weights: AnyFormat, activations: AnyFormat, accumulator: AccumulatorId): MacFigure | null {
  const float = widestFloat(weights, activations);
  if (!float) {
    const isInt8 = bitsOf(weights) === 8 && bitsOf(activations) === 8;
    return isInt8 ? { value: 1, source: 'the unit of this figure' } : null;
  }
  if (bitsOf(float) !== 8) return null;
  const { relativeArea, source } = accumulatorOf(accumulator);
  return { value: relativeArea, source };
}

/**
 * Bits of a fixed-point accumulator that adds `products` products without any rounding: both magnitudes in steps of their
 * smallest, a sign, and the carries. For a float with M mantissa bits and 2^E − 1 exponents of normal numbers a magnitude
 * has M + 1 + 2^E − 2 bits.
 */
export function exactAccumulatorBits(weights: AnyFormat, activations: AnyFormat, products: number): number {
  return magnitudeBits(weights) + magnitudeBits(activations) + 1 + Math.ceil(Math.log2(Math.max(1, products)));
}

function magnitudeBits(format: AnyFormat): number {
  const element = elementOf(format);
  if (element.kind === 'int') return element.bits - 1;
  const normalExponents = 2 ** element.exponentBits - 1 - (element.specials === 'ieee' ? 1 : 0);
  return element.mantissaBits + 1 + normalExponents - 1;
}
