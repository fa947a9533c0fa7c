import type { TensorId } from '../../../graph/graph';
import { like } from '../fold';
import type { Constant } from '../constant';
import type { OnnxNode } from '../node';
import type { OpRow, OpRows } from './row';

interface Reduction {
  readonly x: TensorId;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  /** How many values become one. */
  readonly count: number;
}

function reductionOf(node: OnnxNode): Reduction | null {
  const x = node.tensor(0);
  const shape = node.shapeOf(x);
  const given = node.list('axes', 1) ?? [];
  if (given.length === 0 && node.attrs.flag('noop_with_empty_axes')) return null;
  const axes = given.length === 0 ? shape.map((_, i) => i) : given.map((axis) => node.axis(axis, shape.length));
  return { x, axes, keepDims: node.attrs.flag('keepdims', true), count: axes.reduce((n, axis) => n * shape[axis], 1) };
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

/** The mean of `x`, times how many values there are. */
function sum(node: OnnxNode, x: TensorId, { axes, keepDims, count }: Reduction): TensorId {
  const mean = node.step('mean', 'mean', [x], { axes, keepDims });
  return node.op('mul', [mean, node.number(count)], {});
}

const negated = (node: OnnxNode, x: TensorId) => node.step('negated', 'mul', [x, node.number(-1)], {});

/** Over all values: what shape arithmetic asks for. */
function foldProduct(node: OnnxNode): Constant {
  const x = node.known(0, 'input');
  if ((node.list('axes', 1)?.length ?? 1) !== x.shape.length && x.shape.length > 1)
    node.refuse('it multiplies along some axes only');
  const product = x.values.length === 0 ? 1 : [...x.values].reduce((a, b) => a * b);
  return like(x, node.attrs.flag('keepdims', true) ? x.shape.map(() => 1) : [], [product]);
}

export const REDUCTION_OPS: OpRows = {
  ReduceMean: reduction((node, { x, axes, keepDims }) => node.op('mean', [x], { axes, keepDims })),
  ReduceMax: reduction((node, { x, axes, keepDims }) => node.op('reduceMax', [x], { axes, keepDims })),
  ReduceMin: reduction((node, { x, axes, keepDims }) => {
    const highest = node.step('max', 'reduceMax', [negated(node, x)], { axes, keepDims });
    return node.op('mul', [highest, node.number(-1)], {});
  }),
  ReduceSum: reduction((node, what) => sum(node, what.x, what)),
  ReduceSumSquare: reduction((node, what) => sum(node, node.step('square', 'mul', [what.x, what.x], {}), what)),
  ReduceL1: reduction((node, what) => sum(node, node.step('abs', 'leakyRelu', [what.x], { alpha: -1 }), what)),
  ReduceProd: { fold: foldProduct },
};
