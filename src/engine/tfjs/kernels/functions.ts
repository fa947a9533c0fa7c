/** Functions of one value. */
import {
  abs as tfAbs,
  add,
  cast as tfCast,
  ceil as tfCeil,
  cos as tfCos,
  erf,
  exp as tfExp,
  floor as tfFloor,
  log as tfLog,
  mul,
  neg as tfNeg,
  round as tfRound,
  rsqrt as tfRsqrt,
  sign as tfSign,
  sin as tfSin,
  sqrt as tfSqrt,
  square as tfSquare,
  tanh,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { unary } from './kernel';

export const exp = unary<'exp'>((x) => tfExp(x));
export const log = unary<'log'>((x) => tfLog(x));
export const sqrt = unary<'sqrt'>((x) => tfSqrt(x));
export const rsqrt = unary<'rsqrt'>((x) => tfRsqrt(x));
export const square = unary<'square'>((x) => tfSquare(x));
export const abs = unary<'abs'>((x) => tfAbs(x));
export const neg = unary<'neg'>((x) => tfNeg(x));
export const floor = unary<'floor'>((x) => tfFloor(x));
export const ceil = unary<'ceil'>((x) => tfCeil(x));
export const round = unary<'round'>((x) => tfRound(x));
export const sign = unary<'sign'>((x) => tfSign(x));
export const sin = unary<'sin'>((x) => tfSin(x));
export const cos = unary<'cos'>((x) => tfCos(x));

/** Every tensor here is float32: what is whole in the file holds whole numbers. */
export const cast = unary<'cast'>((x, { attrs }) =>
  attrs.to === 'float32' || attrs.to === 'float16' ? x.clone() : tfCast(tfCast(x, 'int32'), 'float32'),
);

function byTanh(x: Tensor): Tensor {
  const cubic = mul(mul(tfSquare(x), x), 0.044715);
  return tanh(mul(add(x, cubic), Math.sqrt(2 / Math.PI)));
}

export const gelu = unary<'gelu'>((x, { attrs }) => {
  const twicePhi = add(attrs.approximate ? byTanh(x) : erf(mul(x, Math.SQRT1_2)), 1);
  return mul(mul(x, 0.5), twicePhi);
});
