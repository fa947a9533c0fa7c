/** Arithmetic on whole numbers that are known while reading: what becomes of shapes. */
import { lookup } from '../../../../base/lookup';
import { BATCH, elementCount } from '../../../graph/graph';
import type { GraphNode } from './node';
import { isKnown, whole, type Known, type Value } from './value';

/** No shape is longer; anything above is data. */
const LONGEST = 1024;

type Fold = (inputs: readonly Known[], node: GraphNode) => Known | null;

const list = ({ values }: Known): number[] => Array.from(values);

function pairwise(of: (a: number, b: number) => number): Fold {
  return ([a, b]) => {
    if (!a || !b) return null;
    const [x, y] = [list(a), list(b)];
    if (x.length !== y.length && x.length !== 1 && y.length !== 1) return null;
    const values = Array.from({ length: Math.max(x.length, y.length) }, (_, i) => {
      const [p, q] = [x[x.length === 1 ? 0 : i], y[y.length === 1 ? 0 : i]];
      const result = of(p, q);
      // Arithmetic with the batch itself is followed where it leaves the batch or something else alone.
      return result === p || result === q || (Number.isFinite(p) && Number.isFinite(q)) ? result : NaN;
    });
    return whole(values, a.shape.length >= b.shape.length ? a.shape : b.shape);
  };
}

const product = (a: number, b: number) => (a === 1 ? b : b === 1 ? a : a * b);

const FOLDS: Readonly<Record<string, Fold>> = {
  Add: pairwise((a, b) => (a === 0 ? b : b === 0 ? a : a + b)),
  AddV2: pairwise((a, b) => (a === 0 ? b : b === 0 ? a : a + b)),
  Sub: pairwise((a, b) => (b === 0 ? a : a - b)),
  Mul: pairwise(product),
  FloorDiv: pairwise((a, b) => (b === 1 ? a : Math.floor(a / b))),
  FloorMod: pairwise((a, b) => ((a % b) + b) % b),
  Maximum: pairwise(Math.max),
  Minimum: pairwise(Math.min),
  Prod: ([x]) => whole([list(x).reduce(product, 1)], []),
  Cast: ([x], node) => (node.type('DstT') === 'int32' ? x : null),
  Identity: ([x]) => x,
  Reshape: ([x, shape]) => {
    const dims = list(shape);
    const rest = dims.reduce((n, d) => (d === -1 ? n : n * d), 1);
    const full = dims.map((d) => (d === -1 ? x.values.length / rest : d));
    return full.every(Number.isInteger) && elementCount(full) === x.values.length ? whole(list(x), full) : null;
  },
  ExpandDims: ([x]) => whole(list(x), [1, ...x.shape]),
  Squeeze: ([x]) =>
    whole(
      list(x),
      x.shape.filter((d) => d !== 1),
    ),
  Pack: (inputs) =>
    inputs.every(({ shape }) => shape.length === 0) ? whole(inputs.map(({ values }) => values[0])) : null,
  ConcatV2: (inputs) => whole(inputs.slice(0, -1).flatMap(list)),
  GatherV2: ([x, indices]) =>
    whole(
      list(indices).map((i) => x.values[i] ?? NaN),
      indices.shape,
    ),
  Slice: ([x, begin, size]) => {
    const [from, count] = [begin.values[0], size.values[0]];
    if (x.shape.length !== 1 || from === undefined || count === undefined) return null;
    return whole(list(x).slice(from, count === -1 ? undefined : from + count));
  },
  StridedSlice: ([x, begin, end, strides], node) => {
    if (x.shape.length !== 1 || begin.values.length !== 1 || strides.values[0] !== 1) return null;
    if (node.number('ellipsis_mask', 0) || node.number('new_axis_mask', 0)) return null;
    const first = node.number('begin_mask', 0) ? 0 : begin.values[0];
    if (node.number('shrink_axis_mask', 0))
      return whole(list(x).slice(first, first === -1 ? undefined : first + 1), []);
    return whole(list(x).slice(first, node.number('end_mask', 0) ? undefined : end.values[0]));
  },
  Fill: ([shape, value]) => {
    const dims = list(shape);
    const count = dims.reduce((n, d) => n * d, 1);
    if (!(dims.every((d) => Number.isInteger(d) && d >= 0) && count <= LONGEST)) return null;
    return { ...value, shape: dims, values: new Array<number>(count).fill(value.values[0]) };
  },
  Range: ([start, limit, delta]) => {
    const [from, to, by] = [start.values[0], limit.values[0], delta.values[0]];
    const count = Math.ceil((to - from) / by);
    return count >= 0 && count <= LONGEST ? whole(Array.from({ length: count }, (_, i) => from + i * by)) : null;
  },
};

/** Operations that are followed on whole numbers known while reading; of some of them that is all that is modelled. */
export const FOLDED: readonly string[] = Object.keys(FOLDS);

/** The node's value where it is arithmetic on known whole numbers; undefined where ops have to compute it. */
export function fold(node: GraphNode, inputs: readonly Value[]): Known | undefined {
  const folding = lookup(FOLDS, node.op);
  if (!folding || inputs.length === 0) return undefined;
  const known = inputs.filter(isKnown);
  const small = known.every(({ values, dtype }) => values.length <= LONGEST && dtype === 'int32');
  if (known.length !== inputs.length || !small) return undefined;
  const value = folding(known, node);
  return value && value.values.length <= LONGEST ? value : undefined;
}

/** The shape of a tensor as values: the batch is Infinity. */
export function shapeValue(shape: readonly number[]): Known {
  return whole(shape.map((d) => (d === BATCH ? Infinity : d)));
}
