import type { Message } from './schema';

/** An attribute that says nothing yet: nodes that stand for others are written by filling in one field. */
export const NO_ATTRIBUTE: Message<'AttributeProto'> = {
  name: '',
  f: undefined,
  i: undefined,
  s: undefined,
  t: undefined,
  g: undefined,
  floats: new Float32Array(),
  ints: new Float64Array(),
  strings: [],
  type: undefined,
};
