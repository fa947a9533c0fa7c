import type { IntFormat } from './format';
import { codeRange } from './format';
import { clamp } from '../numerics/round';
import { nearest } from '../numerics/rounding';
import { bitText, type Codec } from './codec';

/** Two's complement integers of up to 16 bits. */
export function intCodec(format: IntFormat): Codec {
  const { qmin, qmax } = codeRange(format);
  return {
    bits: format.bits,
    codes: () => Int32Array.from({ length: qmax - qmin + 1 }, (_, i) => qmin + i),
    decode: (code, { scale, zeroPoint }) => scale * (code - zeroPoint),
    encode(value, { scale, zeroPoint }, { rounding = nearest } = {}) {
      const code = clamp(rounding(value / scale) + zeroPoint, qmin, qmax);
      return Number.isNaN(code) ? zeroPoint : code + 0; // no negative zero
    },
    fields: (code) => [{ role: 'integer', bits: bitText(code, format.bits), meaning: String(code) }],
    segments: [{ start: qmin, end: qmax, step: 1 }],
  };
}
