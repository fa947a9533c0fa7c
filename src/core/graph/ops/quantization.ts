import type { OpDefinition } from './definition';
import { noMacs, sameShape } from './rules';

/** Float → int8, or int8 → int8 of other parameters: its output's are chosen like those of any op. */
export const quantize: OpDefinition<'quantize'> = {
  kind: 'quantize',
  label: 'Quantize',
  arity: [1, 1],
  weightInputs: [],
  shape: sameShape,
  types: () => ['int8'],
  macs: noMacs,
  quant: { kind: 'free' },
};

/** Its output is float: there are no parameters to choose. */
export const dequantize: OpDefinition<'dequantize'> = {
  kind: 'dequantize',
  label: 'Dequantize',
  arity: [1, 1],
  weightInputs: [],
  shape: sameShape,
  types: () => ['float32'],
  macs: noMacs,
  quant: { kind: 'not-applicable' },
};
