/**
 * Integer arithmetic on shapes, done while reading. Keras exports compute the target of a reshape from the size of the
 * batch (SHAPE → STRIDED_SLICE → PACK → RESHAPE); followed symbolically, such a chain leaves a plain reshape behind.
 *
 * A value is a list of numbers, Infinity standing for the batch and NaN for what is not known.
 */
import { BATCH } from '../../graph/graph';
import type { SourceOp } from './ops/row';

export type ShapeValue = readonly number[];

/** No shape is longer; anything above is data, not a shape. */
export const LONGEST_SHAPE_VALUE = 1024;

type Evaluate = (op: SourceOp, value: (index: number) => ShapeValue | null) => ShapeValue | null;

/** Builtin operator → its value where its inputs are known, else null. */
export const SHAPE_OPS: Readonly<Record<string, Evaluate>> = {
  SHAPE: (op) => op.input(0).shape.map((d) => (d === BATCH ? Infinity : d)),
  CAST: same,
  RESHAPE: same,
  SQUEEZE: same,
  EXPAND_DIMS: same,
  PACK: joined,
  CONCATENATION: joined,
  STRIDED_SLICE: (op, value) => {
    const [x, begin, end, strides] = [value(0), value(1), value(2), value(3)];
    if (x && takesAll(op, x, begin, strides)) return x;
    if (!x || begin?.length !== 1 || end?.length !== 1 || strides?.[0] !== 1) return null;
    const { beginMask, endMask, shrinkAxisMask, ellipsisMask, newAxisMask } = op.options('StridedSliceOptions');
    if (ellipsisMask || newAxisMask) return null;
    const first = beginMask & 1 ? 0 : begin[0];
    if (shrinkAxisMask & 1) return x.slice(first, first === -1 ? undefined : first + 1);
    return x.slice(first, endMask & 1 ? undefined : end[0]);
  },
  GATHER: (_op, value) => {
    const [x, indices] = [value(0), value(1)];
    return x && indices && indices.map((i) => x[i] ?? NaN);
  },
  ADD: pairwise((a, b) => (a === 0 ? b : b === 0 ? a : a + b)),
  SUB: pairwise((a, b) => (b === 0 ? a : a - b)),
  MUL: pairwise(product),
  FLOOR_DIV: pairwise((a, b) => (b === 1 ? a : Math.floor(a / b))),
  FLOOR_MOD: pairwise((a, b) => a - b * Math.floor(a / b)),
  MAXIMUM: pairwise(Math.max),
  MINIMUM: pairwise(Math.min),
  REDUCE_PROD: (_op, value) => value(0) && [value(0)!.reduce(product, 1)],
};

/** A slice of a table of values, from its beginning, step by step, as large as itself. */
function takesAll(op: SourceOp, x: ShapeValue, begin: ShapeValue | null, strides: ShapeValue | null): boolean {
  const fromStart = begin?.every((first) => first === 0) && strides?.every((stride) => stride === 1);
  return fromStart === true && op.declaredOutput.reduce((n, d) => n * d, 1) === x.length;
}

function same(_op: SourceOp, value: (index: number) => ShapeValue | null): ShapeValue | null {
  return value(0);
}

function joined(op: SourceOp, value: (index: number) => ShapeValue | null): ShapeValue | null {
  const parts = Array.from({ length: op.inputCount }, (_, i) => value(i));
  return parts.every((part) => part !== null) ? parts.flat() : null;
}

function product(a: number, b: number): number {
  return a === 1 ? b : b === 1 ? a : a * b;
}

/** Element by element, one-element operands repeated. Arithmetic on the batch itself is not followed. */
function pairwise(of: (a: number, b: number) => number): Evaluate {
  return (_op, value) => {
    const [a, b] = [value(0), value(1)];
    if (!a || !b || a.length === 0 || b.length === 0) return null;
    if (a.length !== b.length && a.length !== 1 && b.length !== 1) return null;
    return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
      const [x, y] = [a.length === 1 ? a[0] : a[i], b.length === 1 ? b[0] : b[i]];
      const result = of(x, y);
      return result === x || result === y || (Number.isFinite(x) && Number.isFinite(y)) ? result : NaN;
    });
  };
}
