/** Arithmetic on known values, as exporters use it to compute shapes. Integers are exact up to 2⁵³. */
import { broadcastShapes, broadcastStrides } from '../../graph/broadcast';
import { integerConstant, isReal, realConstant, type Constant } from './constant';
import type { OnnxNode } from './node';

type Fold = (node: OnnxNode) => Constant;

/** Values of the kind the operands are of. */
export function like(of: Constant, shape: readonly number[], values: Iterable<number>): Constant {
  return isReal(of.type) ? realConstant(shape, values) : integerConstant(shape, values);
}

export const truth = (shape: readonly number[], values: Iterable<boolean>): Constant => ({
  type: 'BOOL',
  shape,
  values: Uint8Array.from(values, Number),
});

export function foldEach(f: (v: number) => number): Fold {
  return (node) => {
    const x = node.known(0, 'input');
    return like(x, x.shape, Float64Array.from(x.values, f));
  };
}

/** Pairs of broadcast values of inputs 0 and 1. */
function pairs(node: OnnxNode, a: Constant, b: Constant): { shape: readonly number[]; at: [number, number][] } {
  const shape = broadcastShapes(a.shape, b.shape) ?? node.refuse('the shapes of its inputs do not fit together');
  const count = node.checkCount(shape);
  const [left, right] = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)];
  const index = shape.map(() => 0);
  const at: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    let [p, q] = [0, 0];
    for (let axis = 0; axis < index.length; axis++) {
      p += index[axis] * left[axis];
      q += index[axis] * right[axis];
    }
    at.push([a.values[p], b.values[q]]);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, at };
}

export function foldPair(f: (a: number, b: number) => number): Fold {
  return (node) => {
    const [a, b] = [node.known(0, 'input'), node.known(1, 'input')];
    const { shape, at } = pairs(node, a, b);
    return like(
      a,
      shape,
      at.map(([x, y]) => f(x, y)),
    );
  };
}

/** Of any number of inputs, from the first on. */
export function foldMany(f: (a: number, b: number) => number): Fold {
  return (node) =>
    node.inputs
      .map((_, i) => node.known(i, 'input'))
      .reduce((a, b) => {
        const { shape, at } = pairs(node, a, b);
        return like(
          a,
          shape,
          at.map(([x, y]) => f(x, y)),
        );
      });
}

export function foldCompare(f: (a: number, b: number) => boolean): Fold {
  return (node) => {
    const { shape, at } = pairs(node, node.known(0, 'input'), node.known(1, 'input'));
    return truth(
      shape,
      at.map(([x, y]) => f(x, y)),
    );
  };
}

/** The values repeated over a larger shape. */
export function broadcastTo(node: OnnxNode, x: Constant, target: readonly number[]): Constant {
  const ones = integerConstant(target, new Float64Array(node.checkCount(target)).fill(1));
  const { shape, at } = pairs(node, x, ones);
  return like(
    x,
    shape,
    at.map(([v]) => v),
  );
}

/** `count` values from `begin` on in steps, along one axis. */
export function takeAlong(x: Constant, axis: number, positions: readonly number[]): Constant {
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
