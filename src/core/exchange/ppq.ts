/** `quant_info` as PPQ exports it: variable → its grid, with the ends of codes and of values. Source: PPQ's exporters. */
import { z } from '../../base/zod';
import { checkedEncoding, damaged, signedShift, type Encoding, type Encodings } from './encoding';

const NAME = 'PPQ parameters';

const numbers = z.union([z.number().transform((value) => [value]), z.array(z.number())]);
const schema = z.object({
  quant_info: z.record(
    z.string(),
    z.looseObject({
      bit_width: z.number(),
      per_channel: z.boolean().default(false),
      scale: numbers,
      zero_point: numbers,
      q_min: z.number().optional(),
      axis: z.number().int().optional(),
    }),
  ),
});

export function isPpq(value: object): boolean {
  return 'quant_info' in value;
}

/** @throws RangefinderError 'corrupt-file' */
export function readPpq(value: unknown): Encodings {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw damaged(NAME, 'its quant_info lacks a bit width, a scale or a zero point');
  const encodings = Object.entries(parsed.data.quant_info).map(([tensor, info]) => {
    const { bit_width: bits, scale, zero_point: zero, q_min: lowest = 0, axis } = info;
    const shift = lowest < 0 ? 0 : signedShift(bits);
    const zeroPoint = zero.map((point) => point + shift);
    return checkedEncoding(NAME, { tensor, bits, scale, zeroPoint, ...(axis !== undefined && { axis }) });
  });
  return { encodings, left: [] };
}

export function writePpq(encodings: readonly Encoding[]): unknown {
  const info = encodings.map(({ tensor, bits, scale, zeroPoint, axis }) => {
    const [lowest, highest] = [signedShift(bits), -signedShift(bits) - 1];
    const end = (code: number) => scale.map((s, i) => s * (code - zeroPoint[i]));
    const row = {
      bit_width: bits,
      per_channel: axis !== undefined,
      ...(axis !== undefined && { axis }),
      quant_flag: true,
      sym: zeroPoint.every((zero) => zero === 0),
      scale,
      zero_point: zeroPoint,
      tensor_min: end(lowest),
      tensor_max: end(highest),
      q_min: lowest,
      q_max: highest,
    };
    return [tensor, row] as const;
  });
  return { quant_info: Object.fromEntries(info) };
}
