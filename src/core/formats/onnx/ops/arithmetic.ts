/** Sums, products and the like, of tensors and of known values. */
import type { TensorId } from '../../../graph/graph';
import { broadcastShapes } from '../../../graph/broadcast';
import { isReal, type Constant } from '../constant';
import { broadcastTo, foldCompare, foldEach, foldMany, foldPair, like } from '../fold';
import { erf, product, scaledBy, shiftedBy } from '../gelu';
import type { OnnxNode } from '../node';
import type { OpRow, OpRows } from './row';

/** The only value of a constant that holds the same everywhere. */
function uniform(constant: Constant | undefined): number | undefined {
  const values = constant?.values;
  return values?.every((v) => v === values[0]) ? values[0] : undefined;
}

/** The number an input stands for where it changes the size of no other. */
function single(node: OnnxNode, index: number): number | undefined {
  const constant = node.constant(index);
  return constant?.values.length === 1 && constant.shape.length <= 1 ? constant.values[0] : undefined;
}

function add(node: OnnxNode): TensorId {
  const compute = () => node.op('add', [node.tensor(0), node.tensor(1)], {});
  for (const [x, other] of TWO_ORDERS) {
    const shift = single(node, other);
    if (shift !== undefined) return shiftedBy(node, node.tensor(x), shift, compute);
  }
  return compute();
}

function multiply(node: OnnxNode): TensorId {
  const [a, b] = [node.tensor(0), node.tensor(1)];
  const compute = () => node.op('mul', [a, b], {});
  for (const [x, other] of TWO_ORDERS) {
    const factor = single(node, other);
    if (factor !== undefined) return scaledBy(node, node.tensor(x), factor, compute);
  }
  return product(node, a, b, compute);
}

const TWO_ORDERS = [
  [0, 1],
  [1, 0],
] as const;

/** By known numbers as a product, which int8 kernels compute. */
function divide(node: OnnxNode): TensorId {
  const divisor = node.constant(1);
  if (!divisor) return node.op('div', [node.tensor(0), node.tensor(1)], {});
  if (!isReal(divisor.type)) node.refuse('it computes with integers');
  const reciprocal = Float32Array.from(divisor.values, (v) => 1 / v);
  const x = node.tensor(0);
  const compute = () => node.op('mul', [x, node.fixed(`${node.inputs[1]}/reciprocal`, reciprocal, divisor.shape)], {});
  const factor = single(node, 1);
  return factor === undefined ? compute() : scaledBy(node, x, 1 / factor, compute);
}

function power(node: OnnxNode): TensorId {
  const exponent = uniform(node.constant(1));
  const x = node.tensor(0);
  switch (exponent) {
    case 1:
      return x;
    case 2:
      return node.op('mul', [x, x], {});
    case 3:
      return node.op('mul', [node.step('square', 'mul', [x, x], {}), x], {});
    case 0.5:
      return node.op('sqrt', [x], {});
    default:
      return node.op('pow', [x, exponent === undefined ? node.tensor(1) : node.number(exponent)], {});
  }
}

/** Of any number of inputs, two by two. */
function chain(join: (node: OnnxNode, a: TensorId, b: TensorId, last: boolean) => TensorId) {
  return (node: OnnxNode): TensorId => {
    const count = node.inputs.length;
    let result = node.tensor(0);
    for (let i = 1; i < count; i++) result = join(node, result, node.tensor(i), i === count - 1);
    return result;
  };
}

const total = chain((node, a, b, last) => (last ? node.op('add', [a, b], {}) : node.step('sum', 'add', [a, b], {})));

/** A plain ReLU where one of two operands is 0. */
const greatest = chain((node, a, b, last) => {
  const zero = (i: number) => node.inputs.length === 2 && uniform(node.constant(i)) === 0;
  if (zero(1)) return node.op('relu', [a], {});
  if (zero(0)) return node.op('relu', [b], {});
  return last ? node.op('maximum', [a, b], {}) : node.step('greater', 'maximum', [a, b], {});
});
const least = chain((node, a, b, last) =>
  last ? node.op('minimum', [a, b], {}) : node.step('less', 'minimum', [a, b], {}),
);

function each(kind: 'sqrt' | 'exp' | 'log' | 'abs', f: (v: number) => number): OpRow {
  return { layout: 'any', fold: foldEach(f), translate: (node) => node.op(kind, [node.tensor(0)], {}) };
}

/** Known values only: no TensorFlow Lite op of the Graph computes them. */
const known = (fold: OpRow['fold']): OpRow => ({ layout: 'any', fold });

function roundHalfToEven(v: number): number {
  const floor = Math.floor(v);
  const rest = v - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

/** Integers are divided towards zero. */
function foldDivide(node: OnnxNode): Constant {
  const whole = !isReal(node.known(0, 'dividend').type);
  return foldPair((a, b) => (whole ? Math.trunc(a / b) : a / b))(node);
}

function foldWhere(node: OnnxNode): Constant {
  const [condition, yes, no] = [0, 1, 2].map((i) => node.known(i, 'input'));
  const shape = [yes.shape, no.shape].reduce(
    (a, b) => broadcastShapes(a, b) ?? node.refuse('the shapes of its inputs do not fit together'),
    condition.shape,
  );
  const [test, on, off] = [condition, yes, no].map((x) => broadcastTo(node, x, shape).values);
  return like(
    yes,
    shape,
    test.map((t, i) => (t ? on[i] : off[i])),
  );
}

/** One of two, by a known condition: each multiplied by 1 where it counts and by 0 elsewhere. */
function where(node: OnnxNode): TensorId {
  const condition = node.known(0, 'condition');
  const part = (index: 1 | 2): TensorId => {
    const counts = (c: number) => (c !== 0) === (index === 1);
    const value = node.constant(index);
    if (value) {
      const shape = broadcastShapes(condition.shape, value.shape) ?? node.refuse('its condition does not fit');
      const [test, values] = [condition, value].map((x) => broadcastTo(node, x, shape).values);
      return node.fixed(
        `${node.name}/chosen`,
        test.map((c, i) => (counts(c) ? values[i] : 0)),
        shape,
      );
    }
    const mask = Float32Array.from(condition.values, (c) => Number(counts(c)));
    const factor = node.fixed(`${node.name}/mask`, mask, condition.shape);
    return node.step('chosen', 'mul', [node.tensor(index), factor], {});
  };
  return node.op('add', [part(1), part(2)], {});
}

export const ARITHMETIC_OPS: OpRows = {
  Add: { layout: 'any', fold: foldPair((a, b) => a + b), translate: add },
  Sub: {
    layout: 'any',
    fold: foldPair((a, b) => a - b),
    translate: (node) => node.op('sub', [node.tensor(0), node.tensor(1)], {}),
  },
  Mul: { layout: 'any', fold: foldPair((a, b) => a * b), translate: multiply },
  Div: { layout: 'any', fold: foldDivide, translate: divide },
  Pow: { layout: 'any', fold: foldPair(Math.pow), translate: power },
  Sum: {
    layout: 'any',
    fold: foldMany((a, b) => a + b),
    translate: (node) => (node.inputs.length === 2 ? add(node) : total(node)),
  },
  Mean: {
    layout: 'any',
    translate: (node) => {
      const { length } = node.inputs;
      if (length === 1) return node.tensor(0);
      let sum = node.tensor(0);
      for (let i = 1; i < length; i++) sum = node.step('sum', 'add', [sum, node.tensor(i)], {});
      return node.op('mul', [sum, node.number(1 / length)], {});
    },
  },
  Max: { layout: 'any', fold: foldMany(Math.max), translate: greatest },
  Min: { layout: 'any', fold: foldMany(Math.min), translate: least },
  Neg: {
    layout: 'any',
    fold: foldEach((v) => -v),
    translate: (node) => node.op('mul', [node.tensor(0), node.number(-1)], {}),
  },
  Abs: each('abs', Math.abs),
  Sqrt: each('sqrt', Math.sqrt),
  Exp: each('exp', Math.exp),
  Log: each('log', Math.log),
  Reciprocal: {
    layout: 'any',
    fold: foldEach((v) => 1 / v),
    translate: (node) => node.op('div', [node.number(1), node.tensor(0)], {}),
  },
  Erf: { layout: 'any', translate: erf },
  Sin: known(foldEach(Math.sin)),
  Cos: known(foldEach(Math.cos)),
  Floor: known(foldEach(Math.floor)),
  Ceil: known(foldEach(Math.ceil)),
  Round: known(foldEach(roundHalfToEven)),
  Sign: known(foldEach(Math.sign)),
  Mod: known(foldPair((a, b) => a - b * Math.floor(a / b))),
  Equal: known(foldCompare((a, b) => a === b)),
  Greater: known(foldCompare((a, b) => a > b)),
  GreaterOrEqual: known(foldCompare((a, b) => a >= b)),
  Less: known(foldCompare((a, b) => a < b)),
  LessOrEqual: known(foldCompare((a, b) => a <= b)),
  And: known(foldCompare((a, b) => a !== 0 && b !== 0)),
  Or: known(foldCompare((a, b) => a !== 0 || b !== 0)),
  Not: known((node) => {
    const { shape, values } = node.known(0, 'input');
    return { type: 'BOOL', shape, values: Uint8Array.from(values, (v) => Number(v === 0)) };
  }),
  Where: { layout: 'any', fold: foldWhere, translate: where },
};
