/** Codes of one format: what they stand for, how a value finds its own, what their bits say. */
import type { AffineParams } from '../numerics/affine';
import type { Rounding } from '../numerics/rounding';

/** Consecutive bits of a code, most significant first. */
export interface BitField {
  readonly role: 'sign' | 'exponent' | 'mantissa' | 'integer';
  /** "1000" */
  readonly bits: string;
  /** What these bits contribute, in words: "2^-6, subnormal". */
  readonly meaning: string;
}

export interface EncodeOptions {
  /** Default: nearest, ties to even. */
  readonly rounding?: Rounding;
  /** What becomes of values beyond the largest: by default that one; 'special' gives infinity or NaN where there is one. */
  readonly overflow?: 'saturate' | 'special';
}

export interface Codec {
  readonly bits: number;
  /** All codes: integers as they are, from the lowest; floats as bit patterns from 0. */
  codes(): Int32Array;
  /** The real value; NaN or ±Infinity for codes that are no numbers. */
  decode(code: number, params: AffineParams): number;
  /** The code a value is rounded to. NaN becomes NaN where the format has one, else 0. */
  encode(value: number, params: AffineParams, options?: EncodeOptions): number;
  /** The bits of a code, in groups. */
  fields(code: number): BitField[];
  /** Positions at scale 1 and zero point 0, ascending, between which the step is constant; see {@link GridSegment}. */
  readonly segments: readonly GridSegment[];
}

/** Grid values from `start`, a grid value itself, to `end`, the next segment's start: every `step`. */
export interface GridSegment {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Low `count` bits of a pattern as text. */
export function bitText(pattern: number, count: number): string {
  return (pattern & (2 ** count - 1)).toString(2).padStart(count, '0');
}
