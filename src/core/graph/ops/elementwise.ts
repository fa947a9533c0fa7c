/** Functions of one value that are no activations of layers. */
import type { OpDefinition, QuantRule, SharedDefinition } from './definition';
import { noMacs, sameShape } from './rules';

type Function =
  'exp' | 'log' | 'sqrt' | 'rsqrt' | 'square' | 'abs' | 'neg' | 'floor' | 'ceil' | 'round' | 'sign' | 'sin' | 'cos';

function ofOneValue<K extends Function>(kind: K, label: string, quant: QuantRule): SharedDefinition<Function, K> {
  return { kind, label, arity: [1, 1], weightInputs: [], shape: sameShape, macs: noMacs, quant };
}

const noKernel = (what: string): QuantRule => ({
  kind: 'float-only',
  reason: `LiteRT has no int8 kernel for ${what}`,
});

export const exp = ofOneValue('exp', 'Exp', { kind: 'free' });
export const abs = ofOneValue('abs', 'Abs', { kind: 'free' });
export const square = ofOneValue('square', 'Square', noKernel('squares'));
export const floor = ofOneValue('floor', 'Floor', noKernel('rounding'));
export const ceil = ofOneValue('ceil', 'Ceil', noKernel('rounding'));
export const round = ofOneValue('round', 'Round', noKernel('rounding'));
export const sign = ofOneValue('sign', 'Sign', noKernel('signs'));
export const sin = ofOneValue('sin', 'Sin', noKernel('sines'));
export const cos = ofOneValue('cos', 'Cos', noKernel('cosines'));
export const neg = ofOneValue('neg', 'Neg', {
  kind: 'float-only',
  reason: "LiteRT's int8 kernel for negation turns the sign of codes, whatever their zero point",
});
export const sqrt = ofOneValue('sqrt', 'Sqrt', {
  kind: 'float-only',
  reason: "LiteRT's int8 kernel for square roots fails on codes below zero",
});
export const log = ofOneValue('log', 'Log', {
  kind: 'float-only',
  reason: 'the logarithm of a value that int8 rounds to zero is infinite',
});
export const rsqrt = ofOneValue('rsqrt', 'Rsqrt', {
  kind: 'float-only',
  reason: "LiteRT's int8 kernel for reciprocal square roots fails on codes below zero",
});

export const cast: OpDefinition<'cast'> = {
  kind: 'cast',
  label: 'Cast',
  arity: [1, 1],
  weightInputs: [],
  shape: sameShape,
  macs: noMacs,
  types: ({ to }) => [to],
  quant: { kind: 'float-only', reason: 'it changes between types that are not quantized' },
};
