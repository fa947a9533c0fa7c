/** Comparisons and what follows from them. Truth values are 0 and 1 here, as every tensor is float32. */
import {
  cast,
  equal as tfEqual,
  greater as tfGreater,
  greaterEqual as tfGreaterEqual,
  less as tfLess,
  lessEqual as tfLessEqual,
  logicalAnd as tfAnd,
  logicalNot as tfNot,
  logicalOr as tfOr,
  notEqual as tfNotEqual,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { binary, present, unary, type Kernel } from './kernel';

const truth = (x: Tensor): Tensor => cast(x, 'bool');
const number = (x: Tensor): Tensor => cast(x, 'float32');

export const equal = binary<'equal'>((a, b) => number(tfEqual(a, b)));
export const notEqual = binary<'notEqual'>((a, b) => number(tfNotEqual(a, b)));
export const less = binary<'less'>((a, b) => number(tfLess(a, b)));
export const lessEqual = binary<'lessEqual'>((a, b) => number(tfLessEqual(a, b)));
export const greater = binary<'greater'>((a, b) => number(tfGreater(a, b)));
export const greaterEqual = binary<'greaterEqual'>((a, b) => number(tfGreaterEqual(a, b)));

export const logicalAnd = binary<'logicalAnd'>((a, b) => number(tfAnd(truth(a), truth(b))));
export const logicalOr = binary<'logicalOr'>((a, b) => number(tfOr(truth(a), truth(b))));
export const logicalNot = unary<'logicalNot'>((x) => number(tfNot(truth(x))));

export const select: Kernel<'select'> = {
  run: (inputs) => where(truth(present(inputs, 0)), present(inputs, 1), present(inputs, 2)),
};
