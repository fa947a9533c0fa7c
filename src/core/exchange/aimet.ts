/**
 * Encodings of AIMET: lists of activations and parameters (1.0), or one list with the words of ONNX (2.x).
 * Source: AIMET's documentation, "Encoding specification" 1.0.0 and 2.0.0.
 */
import { z } from '../../base/zod';
import { checkedEncoding, damaged, signedShift, type Encoding, type Encodings } from './encoding';

const NAME = 'AIMET encodings';

const listed = z.object({
  name: z.string(),
  dtype: z.string().default('INT'),
  bw: z.number(),
  scale: z.array(z.number()).default([]),
  offset: z.array(z.number()).default([]),
  enc_type: z.string().default('PER_TENSOR'),
});
const first = z.object({
  version: z.string().startsWith('1.'),
  activation_encodings: z.array(listed).default([]),
  param_encodings: z.array(listed).default([]),
});

const numbers = z.union([z.number().transform((value) => [value]), z.array(z.number())]);
const entry = z.looseObject({
  name: z.string(),
  output_dtype: z.string(),
  y_scale: z.unknown().optional(),
  y_zero_point: z.unknown().optional(),
  axis: z.number().int().nullish(),
  block_size: z.number().nullish(),
});
const second = z.object({ version: z.string().startsWith('2.'), encodings: z.array(entry) });

export function isAimet(value: object): boolean {
  return 'version' in value && ('encodings' in value || 'activation_encodings' in value || 'param_encodings' in value);
}

/** @throws RangefinderError 'corrupt-file' for what is none of the two versions */
export function readAimet(value: unknown): Encodings {
  const lists = first.safeParse(value);
  if (lists.success) return readLists(lists.data);
  const list = second.safeParse(value);
  if (!list.success) throw damaged(NAME, 'it is of neither version 1.0 nor 2.x');
  const encodings: Encoding[] = [];
  const left: string[] = [];
  for (const { name, output_dtype: type, y_scale: scales, y_zero_point: zeros, axis, block_size: block } of list.data
    .encodings) {
    const [, unsigned, digits] = /^(u?)int(\d+)$/.exec(type) ?? [];
    const scale = numbers.safeParse(scales);
    if (digits === undefined) left.push(`${name}: ${type} codes`);
    else if (block || !scale.success) left.push(`${name}: scales of blocks`);
    else {
      const bits = Number(digits);
      const zero = zeros === undefined || zeros === null ? scale.data.map(() => 0) : numbers.safeParse(zeros).data;
      if (!zero) throw damaged(NAME, `"${name}" has zero points that are no numbers`);
      const shift = unsigned ? signedShift(bits) : 0;
      encodings.push(
        checkedEncoding(NAME, {
          tensor: name,
          bits,
          scale: scale.data,
          zeroPoint: zero.map((point) => point + shift),
          ...(typeof axis === 'number' && { axis }),
        }),
      );
    }
  }
  return { encodings, left };
}

/** Codes of version 1.0 are unsigned, and its offset is added to them: real = scale × (code + offset). */
function readLists(lists: z.infer<typeof first>): Encodings {
  const encodings: Encoding[] = [];
  const left: string[] = [];
  for (const { name, dtype, bw: bits, scale, offset, enc_type: type } of [
    ...lists.activation_encodings,
    ...lists.param_encodings,
  ]) {
    if (dtype !== 'INT') left.push(`${name}: ${dtype} of ${bits} bits`);
    else if (!/^PER_(TENSOR|CHANNEL)$/.test(type)) left.push(`${name}: ${type} scales`);
    else
      encodings.push(
        checkedEncoding(NAME, {
          tensor: name,
          bits,
          scale,
          zeroPoint: offset.map((o) => signedShift(bits) - o),
        }),
      );
  }
  return { encodings, left };
}

/** Version 2.0. */
export function writeAimet(encodings: readonly Encoding[]): unknown {
  return {
    version: '2.0.0',
    encodings: encodings.map(({ tensor, bits, scale, zeroPoint, axis }) => {
      const single = scale.length === 1 && axis === undefined;
      return {
        name: tensor,
        output_dtype: `int${bits}`,
        y_scale: single ? scale[0] : scale,
        y_zero_point: single ? zeroPoint[0] : zeroPoint,
        ...(axis !== undefined && { axis }),
      };
    }),
  };
}
