import type { OpDefinition } from './definition';
import { noMacs } from './rules';

export const opaque: OpDefinition<'opaque'> = {
  kind: 'opaque',
  label: 'Any other operator',
  arity: [0, Infinity],
  weightInputs: [],
  shape: (op) => [...op.attrs.shapes],
  macs: noMacs,
  quant: { kind: 'float-only', reason: 'it is kept as the file has it, and not computed' },
};
