import {
  add,
  batchNorm as tfBatchNorm,
  div,
  minimum,
  mul,
  relu6 as tfRelu6,
  square,
  step,
  sub,
  sum,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { sumTo } from '../sums';
import { unary, type Rule } from './rule';

/** With statistics and affine part frozen: a multiplication. */
export const batchNorm: Rule<'batchNorm'> = ({ dys: [dy], inputs, op }) => {
  const [gamma, variance] = [inputs[1] as Tensor1D | null, inputs[4] as Tensor1D];
  const none = mul(variance, 0) as Tensor1D;
  return [tfBatchNorm(dy!, none, variance, undefined, gamma ?? undefined, op.attrs.epsilon), null, null, null, null];
};

export const relu = unary<'relu'>((dy, x) => mul(dy, step(x)));
export const reluN1To1 = unary<'reluN1To1'>((dy, x) => mul(dy, mul(step(add(x, 1)), step(sub(1, x)))));
export const relu0To1 = unary<'relu0To1'>((dy, x) => mul(dy, mul(step(x), step(sub(1, x)))));
export const relu6 = unary<'relu6'>((dy, x) => mul(dy, mul(step(x), step(sub(6, x)))));
export const leakyRelu = unary<'leakyRelu'>((dy, x, _y, { attrs: { alpha } }) =>
  mul(dy, add(mul(step(x), 1 - alpha), alpha)),
);
export const prelu: Rule<'prelu'> = ({ dys: [dy], inputs: [x, alpha], wanted }) => {
  const positive = step(x!);
  return [
    wanted[0] ? mul(dy!, add(positive, mul(sub(1, positive), alpha!))) : null,
    wanted[1] ? sumTo(mul(dy!, minimum(x!, 0)), alpha!.shape) : null,
  ];
};
/** y + 1 = eˣ where x is negative. */
export const elu = unary<'elu'>((dy, _x, y) => mul(dy, add(minimum(y, 0), 1)));
export const sigmoid = unary<'sigmoid'>((dy, _x, y) => mul(dy, mul(y, sub(1, y))));
export const tanh = unary<'tanh'>((dy, _x, y) => mul(dy, sub(1, square(y))));
/** x · relu6(x + 3) / 6 */
export const hardSwish = unary<'hardSwish'>((dy, x) => {
  const gate = tfRelu6(add(x, 3));
  const sloped = mul(step(add(x, 3)), step(sub(3, x)));
  return mul(dy, div(add(gate, mul(x, sloped)), 6));
});
export const softmax = unary<'softmax'>((dy, _x, y, { attrs: { beta } }) => {
  const weighted = mul(dy, y);
  return mul(sub(weighted, mul(y, sum(weighted, -1, true))), beta);
});
