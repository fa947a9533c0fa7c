/** Sums, products and the like, of tensors and of known values. */
import type { TensorId } from '../../../graph/graph';
import { isReal, type Constant } from '../constant';
import { foldEach, foldMany, foldPair } from '../fold';
import { erf, product, scaledBy, shiftedBy } from '../gelu';
import { isConstantValue, type OnnxNode } from '../node';
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

/** Positions and masks are whole numbers; undefined where both operands are real. */
function ofWholeNumbers(node: OnnxNode, kind: 'add' | 'sub' | 'mul'): TensorId | undefined {
  const whole = [0, 1].some((i) => {
    const value = node.value(i);
    return isConstantValue(value) ? !isReal(value.type) : node.typeOf(value) === 'int32';
  });
  return whole ? node.op(kind, [node.any(0), node.any(1)], {}) : undefined;
}

function add(node: OnnxNode): TensorId {
  const whole = ofWholeNumbers(node, 'add');
  if (whole !== undefined) return whole;
  const compute = () => node.op('add', [node.tensor(0), node.tensor(1)], {});
  for (const [x, other] of TWO_ORDERS) {
    const shift = single(node, other);
    if (shift !== undefined) return shiftedBy(node, node.tensor(x), shift, compute);
  }
  return compute();
}

function multiply(node: OnnxNode): TensorId {
  const whole = ofWholeNumbers(node, 'mul');
  if (whole !== undefined) return whole;
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

type Function = 'sqrt' | 'exp' | 'log' | 'abs' | 'sin' | 'cos' | 'floor' | 'ceil' | 'round' | 'sign';

function each(kind: Function, f: (v: number) => number): OpRow {
  return { layout: 'any', fold: foldEach(f), translate: (node) => node.op(kind, [node.tensor(0)], {}) };
}

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

/** (eˣ ± e⁻ˣ) / 2 */
function hyperbolic(join: (node: OnnxNode, up: TensorId, down: TensorId) => TensorId): OpRow {
  return {
    layout: 'any',
    translate: (node) => {
      const x = node.tensor(0);
      const down = node.step('down', 'exp', [node.step('negative', 'neg', [x], {})], {});
      return node.op('mul', [join(node, node.step('up', 'exp', [x], {}), down), node.number(0.5)], {});
    },
  };
}

/** √(x² + by) */
function hypotenuse(node: OnnxNode, x: TensorId, by: number): TensorId {
  const square = node.step('square', 'mul', [x, x], {});
  return node.step('root', 'sqrt', [node.step('shifted', 'add', [square, node.number(by)], {})], {});
}

/** sign(x) · log(|x| + √(x² + 1)), which does not cancel below zero. */
function areaSine(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const size = node.step('size', 'abs', [x], {});
  const log = node.step('log', 'log', [node.step('sum', 'add', [size, hypotenuse(node, x, 1)], {})], {});
  return node.op('mul', [node.step('sign', 'sign', [x], {}), log], {});
}

/** log(x + √(x² − 1)) */
function areaCosine(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  return node.op('log', [node.step('sum', 'add', [x, hypotenuse(node, x, -1)], {})], {});
}

/** log((1 + x) / (1 − x)) / 2 */
function areaTangent(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const one = node.number(1);
  const ratio = node.step('ratio', 'div', [node.step('above', 'add', [x, one], {}), node.step('below', 'sub', [one, x], {})], {}); // prettier-ignore
  return node.op('mul', [node.step('log', 'log', [ratio], {}), node.number(0.5)], {});
}

export const ARITHMETIC_OPS: OpRows = {
  Add: { layout: 'any', fold: foldPair((a, b) => a + b), translate: add },
  Sub: {
    layout: 'any',
    fold: foldPair((a, b) => a - b),
    translate: (node) => ofWholeNumbers(node, 'sub') ?? node.op('sub', [node.tensor(0), node.tensor(1)], {}),
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
  Sin: each('sin', Math.sin),
  Cos: each('cos', Math.cos),
  Tan: {
    layout: 'any',
    translate: (node) => {
      const x = node.tensor(0);
      return node.op('div', [node.step('sin', 'sin', [x], {}), node.step('cos', 'cos', [x], {})], {});
    },
  },
  Sinh: hyperbolic((node, up, down) => node.step('difference', 'sub', [up, down], {})),
  Cosh: hyperbolic((node, up, down) => node.step('sum', 'add', [up, down], {})),
  Asinh: { layout: 'any', translate: (node) => areaSine(node) },
  Acosh: { layout: 'any', translate: (node) => areaCosine(node) },
  Atanh: { layout: 'any', translate: (node) => areaTangent(node) },
  Floor: each('floor', Math.floor),
  Ceil: each('ceil', Math.ceil),
  Round: each('round', roundHalfToEven),
  Sign: each('sign', Math.sign),
  Mod: {
    layout: 'any',
    fold: foldPair((a, b) => a - b * Math.floor(a / b)),
    translate: (node) => {
      if (node.attrs.flag('fmod')) node.refuse('its remainder has the sign of the dividend');
      return node.op('floorMod', [node.any(0), node.any(1)], {});
    },
  },
};
