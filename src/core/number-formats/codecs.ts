import type { NumberFormat } from './format';
import type { Codec } from './codec';
import { floatCodec } from './float-codec';
import { intCodec } from './int-codec';

const CODECS: { readonly [K in NumberFormat['kind']]: (format: Extract<NumberFormat, { kind: K }>) => Codec } = {
  int: intCodec,
  float: floatCodec,
};

const made = new WeakMap<NumberFormat, Codec>();

export function codecOf(format: NumberFormat): Codec {
  let codec = made.get(format);
  if (!codec) made.set(format, (codec = (CODECS[format.kind] as (format: NumberFormat) => Codec)(format)));
  return codec;
}
