import type { TensorId } from '../../../graph/graph';
import { like } from '../fold';
import type { Constant } from '../constant';
import type { OnnxNode } from '../node';
import type { OpRow, OpRows } from './row';

interface Reduction {
  readonly x: TensorId;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reductionOf(node: OnnxNode): Reduction | null {
  const x = node.tensor(0);
  const shape = node.shapeOf(x);
  const given = node.list('axes', 1) ?? [];
  if (given.length === 0 && node.attrs.flag('noop_with_empty_axes')) return null;
  const axes = given.length === 0 ? shape.map((_, i) => i) : given.map((axis) => node.axis(axis, shape.length));
  return { x, axes, keepDims: node.attrs.flag('keepdims', true) };
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

/** Over all values: what shape arithmetic asks for. */
function foldProduct(node: OnnxNode): Constant {
  const x = node.known(0, 'input');
  if ((node.list('axes', 1)?.length ?? 1) !== x.shape.length && x.shape.length > 1)
    node.refuse('it multiplies along some axes only');
  const product = x.values.length === 0 ? 1 : [...x.values].reduce((a, b) => a * b);
  return like(x, node.attrs.flag('keepdims', true) ? x.shape.map(() => 1) : [], [product]);
}

export const REDUCTION_OPS: OpRows = {
  ReduceMean: plain('mean'),
  ReduceSum: plain('sum'),
  ReduceMax: plain('reduceMax'),
  ReduceMin: plain('reduceMin'),
  ReduceSumSquare: reduction((node, { x, axes, keepDims }) => node.op('sum', [square(node, x)], { axes, keepDims })),
  ReduceL1: reduction((node, { x, axes, keepDims }) =>
    node.op('sum', [node.step('abs', 'abs', [x], {})], { axes, keepDims }),
  ),
  ReduceL2: reduction((node, what) => node.op('sqrt', [sum(node, square(node, what.x), what)], {})),
  ReduceLogSum: reduction((node, what) => node.op('log', [sum(node, what.x, what)], {})),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceProd: { ...plain('reduceProd'), fold: foldProduct },
};
