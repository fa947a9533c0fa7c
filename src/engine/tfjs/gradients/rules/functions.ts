/** Functions of one value, and those over the last axis. */
import {
  add,
  cos as tfCos,
  div,
  erf,
  exp as tfExp,
  greater,
  maximum,
  mul,
  neg as tfNeg,
  notEqual,
  sign,
  sin as tfSin,
  sqrt as tfSqrt,
  square as tfSquare,
  sub,
  sum,
  tanh,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { unary, zeroUnless } from './rule';

export const exp = unary<'exp'>((dy, _x, y) => mul(dy, y));
export const log = unary<'log'>((dy, x) => zeroUnless(notEqual(x, 0), div(dy, x)));
export const sqrt = unary<'sqrt'>((dy, x, y) => zeroUnless(greater(x, 0), div(dy, mul(y, 2))));
export const rsqrt = unary<'rsqrt'>((dy, x, y) => zeroUnless(greater(x, 0), mul(dy, mul(mul(tfSquare(y), y), -0.5))));
export const square = unary<'square'>((dy, x) => mul(dy, mul(x, 2)));
export const abs = unary<'abs'>((dy, x) => mul(dy, sign(x)));
export const sin = unary<'sin'>((dy, x) => mul(dy, tfCos(x)));
export const cos = unary<'cos'>((dy, x) => tfNeg(mul(dy, tfSin(x))));
export const neg = unary<'neg'>((dy) => tfNeg(dy));

/** Φ(x) + x · φ(x), or the derivative of the approximation by tanh. */
export const gelu = unary<'gelu'>((dy, x, _y, { attrs }) => mul(dy, attrs.approximate ? slopeByTanh(x) : slope(x)));

function slope(x: Tensor): Tensor {
  const phi = div(tfExp(mul(tfSquare(x), -0.5)), Math.sqrt(2 * Math.PI));
  return add(mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5), mul(x, phi));
}

function slopeByTanh(x: Tensor): Tensor {
  const [cubic, factor] = [0.044715, Math.sqrt(2 / Math.PI)];
  const t = tanh(mul(add(x, mul(mul(tfSquare(x), x), cubic)), factor));
  const inner = mul(add(mul(tfSquare(x), 3 * cubic), 1), factor);
  return mul(add(add(t, 1), mul(mul(x, sub(1, tfSquare(t))), inner)), 0.5);
}

export const logSoftmax = unary<'logSoftmax'>((dy, _x, y) => sub(dy, mul(tfExp(y), sum(dy, -1, true))));

export const l2Normalization = unary<'l2Normalization'>((dy, x, y) => {
  const length = maximum(tfSqrt(sum(tfSquare(x), -1, true)), 1e-6);
  return div(sub(dy, mul(y, sum(mul(dy, y), -1, true))), length);
});
