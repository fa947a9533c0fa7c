/** Sums, products and the like, of tensors and of known values. */
import type { TensorId } from '../../../graph/graph';
import { foldCompare, foldEach, foldMany, foldPair, truth } from '../fold';
import { isReal, realConstant, type Constant } from '../constant';
import type { OnnxNode } from '../node';
import type { OpRow, OpRows } from './row';

function binary(kind: 'add' | 'sub' | 'mul', f: (a: number, b: number) => number): OpRow {
  return {
    layout: 'any',
    fold: foldPair(f),
    translate: (node) => node.op(kind, [node.tensor(0), node.tensor(1)], {}),
  };
}

/** The only value of a constant that holds the same everywhere. */
function uniform(constant: Constant | undefined): number | undefined {
  const [first, ...rest] = constant?.values ?? [];
  return rest.every((v) => v === first) ? first : undefined;
}

function divide(node: OnnxNode): TensorId {
  const divisor = node.constant(1) ?? node.refuse('it divides by what the model computes');
  if (!isReal(divisor.type)) node.refuse('it computes with integers');
  const reciprocal = realConstant(
    divisor.shape,
    Float32Array.from(divisor.values, (v) => 1 / v),
  );
  const factor = node.fixed(`${node.inputs[1]}/reciprocal`, reciprocal.values, reciprocal.shape);
  return node.op('mul', [node.tensor(0), factor], {});
}

function power(node: OnnxNode): TensorId {
  const exponent = uniform(node.constant(1)) ?? node.refuse('its exponent is not one fixed number');
  const x = node.tensor(0);
  if (exponent === 1) return x;
  if (exponent === 2) return node.op('mul', [x, x], {});
  if (exponent === 3) return node.op('mul', [node.step('square', 'mul', [x, x], {}), x], {});
  return node.refuse(`its exponent is ${exponent}; 1, 2 and 3 are modelled`);
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

/** max(a, b) = b + relu(a − b), min(a, b) = b − relu(b − a); a plain ReLU where b is 0. */
function extreme(kind: 'max' | 'min') {
  return chain((node, a, b) => {
    if (kind === 'max' && uniform(node.constant(1)) === 0 && node.inputs.length === 2) return node.op('relu', [a], {});
    if (kind === 'max' && uniform(node.constant(0)) === 0 && node.inputs.length === 2) return node.op('relu', [b], {});
    const difference = node.step('difference', 'sub', kind === 'max' ? [a, b] : [b, a], {});
    const above = node.step('above', 'relu', [difference], {});
    return node.op(kind === 'max' ? 'add' : 'sub', [b, above], {});
  });
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
  if (condition.shape.join() !== yes.shape.join() || yes.shape.join() !== no.shape.join())
    if (yes.values.length !== 1 && no.values.length !== 1) node.refuse('it broadcasts known values');
  const shape = [condition, yes, no].reduce((a, b) => (a.values.length >= b.values.length ? a : b)).shape;
  const pick = ({ values }: Constant, i: number) => values[values.length === 1 ? 0 : i];
  const count = node.checkCount(shape);
  const values = Array.from({ length: count }, (_, i) => (pick(condition, i) ? pick(yes, i) : pick(no, i)));
  return isReal(yes.type) ? realConstant(shape, values) : { ...yes, shape, values: Float64Array.from(values) };
}

export const ARITHMETIC_OPS: OpRows = {
  Add: binary('add', (a, b) => a + b),
  Sub: binary('sub', (a, b) => a - b),
  Mul: binary('mul', (a, b) => a * b),
  Div: { layout: 'any', fold: foldDivide, translate: divide },
  Pow: { layout: 'any', fold: foldPair(Math.pow), translate: power },
  Sum: { layout: 'any', fold: foldMany((a, b) => a + b), translate: total },
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
  Max: { layout: 'any', fold: foldMany(Math.max), translate: extreme('max') },
  Min: { layout: 'any', fold: foldMany(Math.min), translate: extreme('min') },
  Neg: {
    layout: 'any',
    fold: foldEach((v) => -v),
    translate: (node) => node.op('mul', [node.tensor(0), node.number(-1)], {}),
  },
  /** A leaky ReLU whose slope is −1 below zero. */
  Abs: {
    layout: 'any',
    fold: foldEach(Math.abs),
    translate: (node) => node.op('leakyRelu', [node.tensor(0)], { alpha: -1 }),
  },
  Sqrt: known(foldEach(Math.sqrt)),
  Exp: known(foldEach(Math.exp)),
  Log: known(foldEach(Math.log)),
  Reciprocal: known(foldEach((v) => 1 / v)),
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
    return truth(
      shape,
      Array.from(values, (v) => v === 0),
    );
  }),
  Where: known(foldWhere),
};
