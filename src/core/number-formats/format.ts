/**
 * What a quantizer rounds to. Integer and floating-point formats are grids that a range is fitted to by one scale:
 * real = scale × (value of the code − zeroPoint). Block formats choose a scale for each block of values themselves.
 * `formats/table.ts` lists those that have a name.
 */

export interface IntFormat {
  readonly kind: 'int';
  readonly bits: number;
  /** Symmetric grids have zeroPoint 0. */
  readonly symmetric: boolean;
  /** Narrow range leaves out the lowest code: int8 becomes −127..127. */
  readonly narrow: boolean;
}

/** Sign, exponent, mantissa: ±2^(e − bias) · (1 + m / 2^M), and subnormals where e is 0. */
export interface FloatFormat {
  readonly kind: 'float';
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** Codes that are no numbers: the whole top exponent (infinities and NaN), the code of all ones only (NaN), or none. */
  readonly specials: 'ieee' | 'nan' | 'none';
  /** Whether a scale fits the grid to a range; otherwise the scale is 1, as float16 is used. */
  readonly scaled: boolean;
  readonly symmetric: true;
}

/** A grid that a range is fitted to. */
export type NumberFormat = IntFormat | FloatFormat;

/** Consecutive values share a scale that is a power of two, chosen by the largest of them (OCP Microscaling 1.0). */
export interface BlockFormat {
  readonly kind: 'block';
  readonly size: number;
  readonly element: NumberFormat;
  /** Step of an integer element at scale 1; 1 for floats. */
  readonly unit: number;
  /** Exponent of the largest power of two that an element represents at scale 1. */
  readonly largestExponent: number;
  /** What the scale of a block takes; absent: one byte, an E8M0. */
  readonly scaleBytes?: number;
}

export type AnyFormat = NumberFormat | BlockFormat;

export const INT8_ACTIVATION: IntFormat = { kind: 'int', bits: 8, symmetric: false, narrow: false };
/** Beside 8-bit weights, activations of 16 bits have no zero point: kernels leave it out. */
export const INT16_ACTIVATION: IntFormat = { kind: 'int', bits: 16, symmetric: true, narrow: false };
export const INT8_WEIGHT: IntFormat = { kind: 'int', bits: 8, symmetric: true, narrow: true };

/** Smallest and largest code of a signed grid. */
export function codeRange(format: IntFormat): { qmin: number; qmax: number } {
  const qmax = 2 ** (format.bits - 1) - 1;
  return { qmin: format.narrow ? -qmax : -qmax - 1, qmax };
}

/** The largest number of a floating-point format at scale 1. */
export function largestOf({ exponentBits, mantissaBits, bias, specials }: FloatFormat): number {
  const topExponent = 2 ** exponentBits - 1 - (specials === 'ieee' ? 1 : 0);
  const topMantissa = 2 ** mantissaBits - 1 - (specials === 'nan' ? 1 : 0);
  return 2 ** (topExponent - bias) * (1 + topMantissa / 2 ** mantissaBits);
}

/** Smallest and largest value of a grid at scale 1 and zero point 0. */
export function extentOf(format: NumberFormat): { low: number; high: number } {
  if (format.kind === 'int') {
    const { qmin, qmax } = codeRange(format);
    return { low: qmin, high: qmax };
  }
  const high = largestOf(format);
  return { low: -high, high };
}

/** Bits of one code; what blocks share comes on top. */
export function bitsOf(format: AnyFormat): number {
  if (format.kind === 'block') return bitsOf(format.element);
  return format.kind === 'int' ? format.bits : 1 + format.exponentBits + format.mantissaBits;
}
