import type { TensorId } from '../../../graph/graph';
import { broadcastStrides } from '../../../graph/broadcast';
import { like, type Fold } from '../fold';
import type { OnnxNode } from '../node';
import type { OpRow, OpRows } from './row';

interface Reduction {
  readonly x: TensorId;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** Null where nothing is reduced. */
function axesOf(node: OnnxNode, rank: number): readonly number[] | null {
  const given = node.list('axes', 1) ?? [];
  if (given.length > 0) return given.map((axis) => node.axis(axis, rank));
  return node.attrs.flag('noop_with_empty_axes') ? null : Array.from({ length: rank }, (_, axis) => axis);
}

function reductionOf(node: OnnxNode): Reduction | null {
  const x = node.tensor(0);
  const axes = axesOf(node, node.shapeOf(x).length);
  return axes && { x, axes, keepDims: node.attrs.flag('keepdims', true) };
}

function reduction(compute: (node: OnnxNode, reduction: Reduction) => TensorId): OpRow {
  return {
    layout: 'any',
    translate: (node) => {
      const what = reductionOf(node);
      if (!what) return node.tensor(0);
      return what.axes.length === 0 ? what.x : compute(node, what);
    },
  };
}

const plain = (kind: 'mean' | 'sum' | 'reduceMax' | 'reduceMin' | 'reduceProd'): OpRow =>
  reduction((node, { x, axes, keepDims }) => node.op(kind, [x], { axes, keepDims }));

const square = (node: OnnxNode, x: TensorId) => node.step('square', 'mul', [x, x], {});
const sum = (node: OnnxNode, x: TensorId, { axes, keepDims }: Reduction) =>
  node.step('sum', 'sum', [x], { axes, keepDims });

/** log Σ eˣ = m + log Σ e^(x − m) with the largest value m, which never overflows. */
function logSumExp(node: OnnxNode, { x, axes, keepDims }: Reduction): TensorId {
  const largest = node.step('largest', 'reduceMax', [x], { axes, keepDims: true });
  const powers = node.step('exp', 'exp', [node.step('below', 'sub', [x, largest], {})], {});
  const log = node.step('log', 'log', [node.step('sum', 'sum', [powers], { axes, keepDims: true })], {});
  if (keepDims) return node.op('add', [log, largest], {});
  const total = node.step('total', 'add', [log, largest], {});
  return node.op('reshape', [total], { shape: node.shapeOf(x).filter((_, axis) => !axes.includes(axis)) });
}

/** Of known values: shape arithmetic, and weights that are stored in parts (weight normalization, standardized filters). */
function folded(
  start: number,
  join: (sum: number, value: number) => number,
  finish: (sum: number, count: number) => number = (sum) => sum,
): Fold {
  return (node) => {
    const x = node.known(0, 'input');
    const axes = axesOf(node, x.shape.length);
    if (!axes) return x;
    const kept = x.shape.map((d, axis) => (axes.includes(axis) ? 1 : d));
    const sums = new Float64Array(node.checkCount(kept)).fill(start);
    const strides = broadcastStrides(kept, x.shape);
    const index = x.shape.map(() => 0);
    let at = 0;
    for (const value of x.values) {
      sums[at] = join(sums[at], value);
      for (let axis = x.shape.length - 1; axis >= 0; axis--) {
        at += strides[axis];
        if (++index[axis] < x.shape[axis]) break;
        at -= x.shape[axis] * strides[axis];
        index[axis] = 0;
      }
    }
    const count = x.values.length / Math.max(sums.length, 1);
    const shape = node.attrs.flag('keepdims', true) ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
    return like(
      x,
      shape,
      sums.map((sum) => finish(sum, count)),
    );
  };
}

const plus = (a: number, b: number) => a + b;
const plusSquare = (a: number, b: number) => a + b * b;

export const REDUCTION_OPS: OpRows = {
  ReduceMean: { ...plain('mean'), fold: folded(0, plus, (sum, count) => sum / count) },
  ReduceSum: { ...plain('sum'), fold: folded(0, plus) },
  ReduceMax: { ...plain('reduceMax'), fold: folded(-Infinity, Math.max) },
  ReduceMin: { ...plain('reduceMin'), fold: folded(Infinity, Math.min) },
  ReduceSumSquare: {
    ...reduction((node, { x, axes, keepDims }) => node.op('sum', [square(node, x)], { axes, keepDims })),
    fold: folded(0, plusSquare),
  },
  ReduceL1: reduction((node, { x, axes, keepDims }) =>
    node.op('sum', [node.step('abs', 'abs', [x], {})], { axes, keepDims }),
  ),
  ReduceL2: {
    ...reduction((node, what) => node.op('sqrt', [sum(node, square(node, what.x), what)], {})),
    fold: folded(0, plusSquare, Math.sqrt),
  },
  ReduceLogSum: reduction((node, what) => node.op('log', [sum(node, what.x, what)], {})),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceProd: { ...plain('reduceProd'), fold: folded(1, (a, b) => a * b) },
};
