/**
 * Rounding to number formats that are no integer grid: floats of 8 bits and less, and blocks with a scale of their own. In
 * place on the memory tfjs' kernels work on.
 */
import { chooseQuantParams } from '../../../core/numerics/affine';
import type { AnyFormat, BlockFormat, NumberFormat } from '../../../core/number-formats/format';
import { sharedExponent } from '../../../core/number-formats/microscaling';
import { dequantizeArray, quantizeArray, type Granularity } from '../../../core/number-formats/quantize-array';
import { rounderOf } from '../../../core/number-formats/rounders';
import { eachChannel } from '../../../core/calibration/channels';
import type { Range } from '../../../core/calibration/types';

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
  const scaleSuffices = block === undefined && format.kind !== 'block' && (format.kind === 'float' || format.symmetric);
  eachChannel(data, shape, axis, (channel, values) => {
    const first = block === undefined ? channel : channel * Math.ceil(values.length / block);
    const rangeOf = (group: number) => ranges[ranges.length === 1 ? 0 : first + group];
    const rounded = scaleSuffices
      ? roundRun(values, format, rangeOf(0))
      : dequantizeArray(
          quantizeArray(values, [values.length], format, { granularity, rangeOf: (_, group) => rangeOf(group) }),
        );
    for (let from = 0, to = channel * inner; from < rounded.length; from += inner, to += channels * inner)
      out.set(rounded.subarray(from, from + inner), to);
  });
  return out;
}

function roundRun(values: Float32Array, format: NumberFormat, range: Range): Float32Array {
  const rounded = values.slice();
  rounderOf(format)(rounded, 0, rounded.length, chooseQuantParams(range, format).scale);
  return rounded;
}
