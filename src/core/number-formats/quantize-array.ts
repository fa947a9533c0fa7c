/** Whole arrays in codes and back: by tensor, by channel or by block. */
import { elementCount, type Shape } from '../graph/graph';
import type { Range } from '../calibration/types';
import { chooseQuantParams, type AffineParams } from '../numerics/affine';
import type { AnyFormat, BlockFormat, NumberFormat } from './format';
import { codecOf } from './codecs';
import type { EncodeOptions } from './codec';
import { sharedExponent } from './microscaling';

/** Who shares a scale. Blocks are consecutive values of the last dimension; its end may leave a shorter one. */
export type Granularity =
  | { readonly kind: 'tensor' }
  | { readonly kind: 'channel'; readonly axis: number }
  | { readonly kind: 'block'; readonly size: number };

export interface ArrayOptions extends EncodeOptions {
  /** Ignored by block formats, which bring their own. Default: one scale for the tensor. */
  readonly granularity?: Granularity;
  /** The range of one group's values, by its place among the groups. Default: their minimum and maximum. */
  readonly rangeOf?: (group: Float32Array, index: number) => Range;
}

export interface QuantizedArray {
  readonly shape: Shape;
  readonly element: NumberFormat;
  readonly codes: Int32Array;
  readonly granularity: Granularity;
  /** One for each group. */
  readonly params: readonly AffineParams[];
}

/** @param values row-major values of `shape` */
export function quantizeArray(
  values: Float32Array,
  shape: Shape,
  format: AnyFormat,
  { granularity = { kind: 'tensor' }, rangeOf = extrema, ...options }: ArrayOptions = {},
): QuantizedArray {
  const own: Granularity = format.kind === 'block' ? { kind: 'block', size: format.size } : granularity;
  const element = format.kind === 'block' ? format.element : format;
  const fit = (group: Float32Array, index: number) =>
    format.kind === 'block' ? blockParams(group, format) : chooseQuantParams(rangeOf(group, index), format);
  const params = gather(values, shape, own).map(fit);
  const codec = codecOf(element);
  const codes = new Int32Array(values.length);
  eachRun(shape, own, (group, start, end) => {
    for (let i = start; i < end; i++) codes[i] = codec.encode(values[i], params[group], options);
  });
  return { shape, element, codes, granularity: own, params };
}

/** Real values, rounded to float32. */
export function dequantizeArray({ shape, element, codes, granularity, params }: QuantizedArray): Float32Array {
  const codec = codecOf(element);
  const values = new Float32Array(codes.length);
  eachRun(shape, granularity, (group, start, end) => {
    for (let i = start; i < end; i++) values[i] = codec.decode(codes[i], params[group]);
  });
  return values;
}

function blockParams(group: Float32Array, format: BlockFormat): AffineParams {
  let largest = 0;
  for (const x of group) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  return { scale: format.unit * 2 ** sharedExponent(largest, format), zeroPoint: 0 };
}

function extrema(group: Float32Array): Range {
  let [min, max] = [0, 0];
  for (const x of group) {
    if (!Number.isFinite(x)) continue;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return { min, max };
}

type Run = (group: number, start: number, end: number) => void;

/** Consecutive values of one group, in memory order; a channel's come in several runs unless its axis is the first. */
function eachRun(shape: Shape, granularity: Granularity, visit: Run): void {
  const count = elementCount(shape);
  if (granularity.kind === 'tensor') return visit(0, 0, count);
  if (granularity.kind === 'channel') {
    const inner = shape.slice(granularity.axis + 1).reduce((n, d) => n * d, 1);
    const channels = shape[granularity.axis];
    for (let start = 0, run = 0; start < count; start += inner, run++) visit(run % channels, start, start + inner);
    return;
  }
  const row = shape.at(-1) ?? 1;
  for (let start = 0, group = 0; start < count; start += row)
    for (let at = 0; at < row; at += granularity.size)
      visit(group++, start + at, start + Math.min(at + granularity.size, row));
}

/** Each group's values; a copy only where they do not lie together. */
function gather(values: Float32Array, shape: Shape, granularity: Granularity): Float32Array[] {
  const parts: Float32Array[][] = [];
  eachRun(shape, granularity, (group, start, end) => (parts[group] ??= []).push(values.subarray(start, end)));
  return parts.map((runs) => {
    if (runs.length === 1) return runs[0];
    const together = new Float32Array(runs.reduce((n, run) => n + run.length, 0));
    let at = 0;
    for (const run of runs) {
      together.set(run, at);
      at += run.length;
    }
    return together;
  });
}
