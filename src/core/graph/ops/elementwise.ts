/** Functions of one value that are no activations of layers. */
import type { OpDefinition, QuantRule, SharedDefinition } from './definition';
import { noMacs, sameShape } from './rules';

type Function = 'exp' | 'log' | 'sqrt' | 'rsqrt' | 'square' | 'abs' | 'neg';

function ofOneValue<K extends Function>(kind: K, label: string, quant: QuantRule): SharedDefinition<Function, K> {
  return { kind, label, arity: [1, 1], weightInputs: [], shape: sameShape, macs: noMacs, quant };
}

const noKernel = (what: string): QuantRule => ({
  kind: 'float-only',
  reason: `LiteRT has no int8 kernel for ${what}`,
});

export const exp = ofOneValue('exp', 'Exponential', { kind: 'free' });
export const abs = ofOneValue('abs', 'Absolute value', { kind: 'free' });
export const square = ofOneValue('square', 'Square', noKernel('squares'));
export const sqrt = ofOneValue('sqrt', 'Square root', noKernel('square roots'));
export const neg = ofOneValue('neg', 'Negate', noKernel('negation'));
export const log = ofOneValue('log', 'Logarithm', {
  kind: 'float-only',
  reason: 'the logarithm of a value that int8 rounds to zero is infinite',
});
export const rsqrt = ofOneValue('rsqrt', 'Reciprocal square root', {
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
  quant: { kind: 'float-only', reason: 'it changes between types that are not quantized' },
};
