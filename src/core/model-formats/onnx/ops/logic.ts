/** Comparisons, truth values, and choices by them; of tensors and of known values. */
import { broadcastShapes } from '../../../graph/broadcast';
import type { TensorId } from '../../../graph/graph';
import type { OpKind } from '../../../graph/ops/attrs';
import type { Constant } from '../constant';
import { broadcastTo, foldCompare, like } from '../fold';
import type { OnnxNode } from '../node';
import type { OpRow, OpRows } from './row';

type Comparison = Extract<OpKind, 'equal' | 'less' | 'lessEqual' | 'greater' | 'greaterEqual'>;

/** Whole numbers are compared with whole numbers, whatever type a known side is stored in. */
const compare = (kind: Comparison, f: (a: number, b: number) => boolean): OpRow => ({
  layout: 'any',
  fold: foldCompare(f),
  translate: (node) => node.op(kind, [node.any(0), node.any(1)], {}),
});

const join = (kind: 'logicalAnd' | 'logicalOr', f: (a: number, b: number) => boolean): OpRow => ({
  layout: 'any',
  fold: foldCompare(f),
  translate: (node) => node.op(kind, [node.any(0), node.any(1)], {}),
});

function foldWhere(node: OnnxNode): Constant {
  const [condition, yes, no] = [0, 1, 2].map((i) => node.known(i, 'input')) as [Constant, Constant, Constant];
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

/**
 * Exporters guard softmax against rows that are masked altogether: what is not a number there is replaced. No 8-bit value is
 * one, so that the guard would only stand in the way.
 */
function where(node: OnnxNode): TensorId {
  const chosen = alwaysChosen(node);
  if (chosen !== undefined) return node.op('identity', [node.any(chosen)], {});
  const [condition, yes, no] = [0, 1, 2].map((i) => node.any(i)) as [TensorId, TensorId, TensorId];
  if (node.nanTests.get(condition) !== no || node.constant(1)?.values.length !== 1)
    return node.op('select', [condition, yes, no], {});
  node.note('replacements for what is not a number were dropped');
  return node.op('identity', [no], {});
}

/** The input that a condition known beforehand takes everywhere; masks of exporters often leave nothing out. */
function alwaysChosen(node: OnnxNode): 1 | 2 | undefined {
  const values = node.constant(0)?.values;
  if (!values || values.length === 0 || !values.every((v: number) => v === values[0])) return undefined;
  const chosen = values[0] ? 1 : 2;
  const others = [0, 1, 2].filter((i) => i !== chosen).map((i) => node.shape(i));
  const shape = node.shape(chosen);
  // What is chosen may be repeated over the shape of the others.
  const fits = others.every((other) => `${broadcastShapes(shape, other)?.join()}` === shape.join());
  return fits && node.constant(chosen) === undefined ? chosen : undefined;
}

function isNaNOf(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const test = node.op('notEqual', [x, x], {});
  node.nanTests.set(test, x);
  return test;
}

/** ELU and its like, as the function of values below a bound; hard shrinking is spelled out by comparisons. */
function shrink(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const [bias, bound] = [node.attrs.float('bias', 0), node.attrs.float('lambd', 0.5)];
  const shifted = (by: number, name: string) => (by === 0 ? x : node.step(name, 'add', [x, node.number(by)], {}));
  const zero = node.number(0);
  const above = node.step('above', 'greater', [x, node.number(bound)], {});
  const below = node.step('below', 'less', [x, node.number(-bound)], {});
  const upper = node.step('upper', 'select', [above, shifted(-bias, 'lowered'), zero], {});
  return node.op('select', [below, shifted(bias, 'raised'), upper], {});
}

function thresholdedRelu(node: OnnxNode): TensorId {
  const x = node.tensor(0);
  const above = node.step('above', 'greater', [x, node.number(node.attrs.float('alpha', 1))], {});
  return node.op('select', [above, x, node.number(0)], {});
}

export const LOGIC_OPS: OpRows = {
  Equal: compare('equal', (a, b) => a === b),
  Greater: compare('greater', (a, b) => a > b),
  GreaterOrEqual: compare('greaterEqual', (a, b) => a >= b),
  Less: compare('less', (a, b) => a < b),
  LessOrEqual: compare('lessEqual', (a, b) => a <= b),
  And: join('logicalAnd', (a, b) => a !== 0 && b !== 0),
  Or: join('logicalOr', (a, b) => a !== 0 || b !== 0),
  Xor: {
    layout: 'any',
    fold: foldCompare((a, b) => (a !== 0) !== (b !== 0)),
    translate: (node) => node.op('notEqual', [node.any(0), node.any(1)], {}),
  },
  Not: {
    layout: 'any',
    fold: (node) => {
      const { shape, values } = node.known(0, 'input');
      return { type: 'BOOL', shape, values: Uint8Array.from(values, (v) => Number(v === 0)) };
    },
    translate: (node) => node.op('logicalNot', [node.any(0)], {}),
  },
  Where: {
    layout: 'any',
    fold: foldWhere,
    translate: where,
  },
  IsNaN: {
    layout: 'any',
    fold: (node) => {
      const { shape, values } = node.known(0, 'input');
      return { type: 'BOOL', shape, values: Uint8Array.from(values, (v) => Number(Number.isNaN(v))) };
    },
    translate: isNaNOf,
  },
  Shrink: { layout: 'any', translate: shrink },
  ThresholdedRelu: { layout: 'any', translate: thresholdedRelu },
};
