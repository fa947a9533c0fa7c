/** Comparisons, what is computed of their truth values, and the choice between values by them. */
import { broadcastShapes } from '../broadcast';
import type { Op, OpKind } from './attrs';
import type { OpDefinition, QuantRule, SharedDefinition, ShapeContext } from './definition';
import { inputShape, noMacs, reject, sameShape, show } from './rules';

type Comparison = 'equal' | 'notEqual' | 'less' | 'lessEqual' | 'greater' | 'greaterEqual';
type Logical = 'logicalAnd' | 'logicalOr';

/** The broadcast of all inputs. */
function together(op: Op, context: ShapeContext) {
  const [first, ...others] = op.inputs.map((_, i) => inputShape(op, context, i));
  return [
    others.reduce(
      (a, b) => broadcastShapes(a, b) ?? reject(op, `its inputs ${show(a)} and ${show(b)} do not broadcast`),
      first,
    ),
  ];
}

function pairwise<K extends OpKind>(kind: K, label: string, quant: QuantRule): SharedDefinition<OpKind, K> {
  return { kind, label, arity: [2, 2], weightInputs: [], shape: together, types: () => ['bool'], macs: noMacs, quant };
}

/** Seen with LiteRT.js 2.5.3: the kernel asserts that a scale is below 1, and ends the whole runtime where it is not. */
const comparison = <K extends Comparison>(kind: K, label: string) =>
  pairwise(kind, label, {
    kind: 'float-only',
    reason: "LiteRT's int8 comparisons round before they compare and abort at scales from 1 up",
  });

export const equal = comparison('equal', 'Equal');
export const notEqual = comparison('notEqual', 'Not equal');
export const less = comparison('less', 'Less');
export const lessEqual = comparison('lessEqual', 'Less equal');
export const greater = comparison('greater', 'Greater');
export const greaterEqual = comparison('greaterEqual', 'Greater equal');

const LOGICAL: QuantRule = { kind: 'float-only', reason: 'it works on truth values, which are not quantized' };
const logical = <K extends Logical>(kind: K, label: string) => pairwise(kind, label, LOGICAL);

export const logicalAnd = logical('logicalAnd', 'Logical and');
export const logicalOr = logical('logicalOr', 'Logical or');
export const logicalNot: OpDefinition<'logicalNot'> = {
  kind: 'logicalNot',
  label: 'Logical not',
  arity: [1, 1],
  weightInputs: [],
  shape: sameShape,
  macs: noMacs,
  quant: LOGICAL,
};

export const select: OpDefinition<'select'> = {
  kind: 'select',
  label: 'Select',
  arity: [3, 3],
  weightInputs: [],
  shape: (op, context) => {
    const type = context.tensors[0]?.dtype;
    if (type !== 'bool') reject(op, `its condition is of type ${type}, not bool`);
    return together(op, context);
  },
  types: (_attrs, [, type]) => [type],
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
