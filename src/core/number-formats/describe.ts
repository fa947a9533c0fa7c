/** What a page draws of a format: its values on the number line, and the bits of one of them. */
import type { AffineParams } from '../numerics/affine';
import type { NumberFormat } from './format';
import type { BitField } from './codec';
import { codecOf } from './codecs';

/** Representable values of [from, to], ascending. */
export interface NumberLine {
  readonly values: Float64Array;
  /** Every `stride`-th of them is listed, more would not be told apart; 1: all. */
  readonly stride: number;
}

/** At most `limit` values; where there are more, evenly many are left out, so that the density stays to be seen. */
export function numberLine(
  format: NumberFormat,
  { scale, zeroPoint }: AffineParams,
  from: number,
  to: number,
  limit = 2048,
): NumberLine {
  const [low, high] = [from / scale + zeroPoint, to / scale + zeroPoint];
  const parts = codecOf(format).segments.map(({ start, end, step }, i, all) => {
    const first = Math.max(0, Math.ceil((low - start) / step));
    const steps = Math.round((end - start) / step) - (i === all.length - 1 ? 0 : 1); // the next one starts at its end
    const last = Math.min(steps, Math.floor((high - start) / step));
    return { start, step, first, count: Math.max(0, last - first + 1) };
  });
  const total = parts.reduce((n, { count }) => n + count, 0);
  const stride = Math.max(1, Math.ceil(total / limit));
  const values = new Float64Array(Math.ceil(total / stride));
  let skipped = 0; // values before this part
  for (const { start, step, first, count } of parts) {
    const offset = (stride - (skipped % stride)) % stride;
    for (let k = offset; k < count; k += stride)
      values[(skipped + k) / stride] = scale * (start + (first + k) * step - zeroPoint);
    skipped += count;
  }
  return { values, stride };
}

export interface CodeDescription {
  /** The integer, or the bit pattern as a number. */
  readonly code: number;
  /** "0 1000 011" */
  readonly bits: string;
  readonly fields: readonly BitField[];
  /** What the code stands for. */
  readonly value: number;
}

export function describeCode(code: number, format: NumberFormat, params: AffineParams): CodeDescription {
  const codec = codecOf(format);
  const fields = codec.fields(code);
  return { code, bits: fields.map(({ bits }) => bits).join(' '), fields, value: codec.decode(code, params) };
}

/** The code that a value is rounded to. */
export function describeValue(value: number, format: NumberFormat, params: AffineParams): CodeDescription {
  return describeCode(codecOf(format).encode(value, params), format, params);
}

/** Every code of a format at scale 1. */
export function codeTable(format: NumberFormat): CodeDescription[] {
  return Array.from(codecOf(format).codes(), (code) => describeCode(code, format, { scale: 1, zeroPoint: 0 }));
}
