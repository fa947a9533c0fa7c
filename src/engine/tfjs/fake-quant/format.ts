/**
 * Rounding to number formats that are no integer grid: floats of 8 bits and less, and blocks with a scale of their own. In
 * place on the memory tfjs' kernels work on; a plain loop, some nanoseconds a value.
 */
import {
  codeRange,
  largestOf,
  type AnyFormat,
  type BlockFormat,
  type NumberFormat,
} from '../../../core/numerics/format';
import { sharedExponent } from '../../../core/numerics/formats/microscaling';
import { dequantizeArray, quantizeArray, type Granularity } from '../../../core/numerics/formats/quantize-array';
import { eachChannel } from '../../../core/ranges/channels';
import type { Range } from '../../../core/ranges/types';

/** An activation's format with the scale that fits it to its range; blocks find theirs. */
export interface FormatGrid {
  readonly format: AnyFormat;
  readonly scale: number;
}

/** A constant's format, and the range of each index of one dimension, or of each block of it; one range serves all. */
export interface ConstantFormat {
  readonly format: AnyFormat;
  readonly ranges: readonly Range[];
  readonly axis: number;
  /** Values of an index that share a range; absent: all of them. */
  readonly block?: number;
}

type RoundRun = (values: Float32Array, start: number, end: number, scale: number) => void;

/** Adding and subtracting 1.5 · 2^52 rounds a double of magnitude below 2^51 to an integer, ties to even. */
const ROUNDER = 6755399441055744;

const single = new Float32Array(1);
const pattern = new Uint32Array(single.buffer);

const ROUNDERS: { readonly [K in NumberFormat['kind']]: (format: Extract<NumberFormat, { kind: K }>) => RoundRun } = {
  int: (format) => {
    const { qmin, qmax } = codeRange(format);
    return (values, start, end, scale) => {
      for (let i = start; i < end; i++) {
        const q = Math.fround(values[i] / scale) + ROUNDER - ROUNDER;
        values[i] = Math.min(Math.max(q, qmin), qmax) * scale;
      }
    };
  },
  float: (format) => {
    const largest = largestOf(format);
    // By exponent field of the float32 quotient: what leaves multiples of its last mantissa bit.
    const rounders = Float64Array.from({ length: 256 }, (_, field) => {
      const exponent = Math.max(field - 127, 1 - format.bias);
      return ROUNDER * 2 ** (exponent - format.mantissaBits);
    });
    return (values, start, end, scale) => {
      for (let i = start; i < end; i++) {
        const quotient = (single[0] = values[i] / scale);
        const rounder = rounders[(pattern[0] >>> 23) & 255];
        const rounded = Math.fround(quotient) + rounder - rounder;
        values[i] = Math.min(Math.max(rounded, -largest), largest) * scale;
      }
    };
  },
};

const made = new WeakMap<NumberFormat, RoundRun>();

function rounderOf(format: NumberFormat): RoundRun {
  let rounder = made.get(format);
  if (!rounder) made.set(format, (rounder = (ROUNDERS[format.kind] as (format: NumberFormat) => RoundRun)(format)));
  return rounder;
}

/** Rounds `values` in place. Blocks lie along the last dimension, which has `row` values. Keeps NaN. */
export function roundToFormat(values: Float32Array, row: number, { format, scale }: FormatGrid): void {
  if (format.kind !== 'block') return rounderOf(format)(values, 0, values.length, scale);
  const rounder = rounderOf(format.element);
  for (let start = 0; start < values.length; start += row)
    for (let from = start; from < start + row; from += format.size) {
      const to = Math.min(from + format.size, start + row);
      rounder(values, from, to, blockScale(values, from, to, format));
    }
}

function blockScale(values: Float32Array, from: number, to: number, format: BlockFormat): number {
  let largest = 0;
  for (let i = from; i < to; i++) {
    const magnitude = Math.abs(values[i]);
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  return format.unit * 2 ** sharedExponent(largest, format);
}

/** The values of a constant after rounding; blocks lie within a channel, along its own values. */
export function roundConstant(
  data: Float32Array,
  shape: readonly number[],
  { format, ranges, axis, block }: ConstantFormat,
): Float32Array {
  const out = new Float32Array(data.length);
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const channels = shape[axis];
  const granularity: Granularity = block === undefined ? { kind: 'tensor' } : { kind: 'block', size: block };
  eachChannel(data, shape, axis, (channel, values) => {
    const first = block === undefined ? channel : channel * Math.ceil(values.length / block);
    const rangeOf = (_: Float32Array, group: number) => ranges[ranges.length === 1 ? 0 : first + group];
    const rounded = dequantizeArray(quantizeArray(values, [values.length], format, { granularity, rangeOf }));
    for (let from = 0, to = channel * inner; from < rounded.length; from += inner, to += channels * inner)
      out.set(rounded.subarray(from, from + inner), to);
  });
  return out;
}
