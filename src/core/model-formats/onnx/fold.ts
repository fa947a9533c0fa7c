/** Arithmetic on known values, as exporters use it to compute shapes. Integers are exact up to 2⁵³. */
import { broadcastShapes, broadcastStrides } from '../../graph/broadcast';
import { integerConstant, isReal, realConstant, type Constant } from './constant';
import type { OnnxNode } from './node';

export type Fold = (node: OnnxNode) => Constant;

/** Values of the kind the operands are of. */
export function like(of: Constant, shape: readonly number[], values: Iterable<number>): Constant {
  return isReal(of.type) ? realConstant(shape, values) : integerConstant(shape, values);
}

export function foldEach(f: (v: number) => number): Fold {
  return (node) => {
    const x = node.known(0, 'input');
    return like(x, x.shape, Float64Array.from(x.values, f));
  };
}

/** f of each pair of broadcast values. */
function pairwise(node: OnnxNode, a: Constant, b: Constant, f: (a: number, b: number) => number) {
  const shape = broadcastShapes(a.shape, b.shape) ?? node.refuse('the shapes of its inputs do not fit together');
  const values = new Float64Array(node.checkCount(shape));
  const [left, right] = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)];
  const index = shape.map(() => 0);
  let [p, q] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    values[i] = f(a.values[p], b.values[q]);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      p += left[axis];
      q += right[axis];
      if (++index[axis] < shape[axis]) break;
      p -= shape[axis] * left[axis];
      q -= shape[axis] * right[axis];
      index[axis] = 0;
    }
  }
  return { shape, values };
}

export function foldPair(f: (a: number, b: number) => number): Fold {
  return (node) => {
    const [a, b] = [node.known(0, 'input'), node.known(1, 'input')];
    const { shape, values } = pairwise(node, a, b, f);
    return like(a, shape, values);
  };
}

/** Of any number of inputs, from the first on. */
export function foldMany(f: (a: number, b: number) => number): Fold {
  return (node) =>
    node.inputs
      .slice(1)
      .map((_, i) => node.known(i + 1, 'input'))
      .reduce(
        (a, b) => {
          const { shape, values } = pairwise(node, a, b, f);
          return like(a, shape, values);
        },
        node.known(0, 'input'),
      );
}

export function foldCompare(f: (a: number, b: number) => boolean): Fold {
  return (node) => {
    const { shape, values } = pairwise(node, node.known(0, 'input'), node.known(1, 'input'), (a, b) => Number(f(a, b)));
    return { type: 'BOOL', shape, values: Uint8Array.from(values) };
  };
}

/** The values repeated over a larger shape. */
export function broadcastTo(node: OnnxNode, x: Constant, target: readonly number[]): Constant {
  const shape = broadcastShapes(x.shape, target) ?? node.refuse('the shapes of its inputs do not fit together');
  const values = new Float64Array(node.checkCount(shape));
  const strides = broadcastStrides(x.shape, shape);
  for (let i = 0; i < values.length; i++) {
    let [rest, at] = [i, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    values[i] = x.values[at];
  }
  return like(x, shape, values);
}

/** The values at some positions along one axis. */
export function takeAlong(node: OnnxNode, x: Constant, axis: number, positions: readonly number[]): Constant {
  node.checkCount(x.shape.with(axis, positions.length));
  const inner = x.shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const outer = x.shape.slice(0, axis).reduce((n, d) => n * d, 1);
  const length = x.shape[axis];
  const values = x.values.slice(0, 0);
  const result = new (values.constructor as Float64ArrayConstructor)(outer * positions.length * inner);
  let to = 0;
  for (let o = 0; o < outer; o++)
    for (const position of positions)
      for (let i = 0; i < inner; i++) result[to++] = x.values[(o * length + position) * inner + i];
  return { type: x.type, shape: x.shape.with(axis, positions.length), values: result };
}
