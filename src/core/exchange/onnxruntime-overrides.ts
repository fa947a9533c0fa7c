/**
 * `TensorQuantOverrides` of onnxruntime's static quantization: tensor → its grid, or one for each channel.
 * Source: onnxruntime/python/tools/quantization/tensor_quant_overrides.py.
 */
import { z } from '../../base/zod';
import { checkedEncoding, damaged, signedShift, type Encoding, type Encodings } from './encoding';

const NAME = 'onnxruntime overrides';

const channel = z.looseObject({
  quant_type: z.string().optional(),
  axis: z.number().int().optional(),
  scale: z.number().optional(),
  zero_point: z.number().optional(),
  rmin: z.number().optional(),
  rmax: z.number().optional(),
});
type Channel = z.infer<typeof channel>;
const schema = z.record(z.string(), z.array(channel));

const OPTION = 'TensorQuantOverrides';

/** As the value of the option, or within the extra options that hold it. */
export function isOverrides(value: object): boolean {
  return OPTION in value || (Object.values(value).length > 0 && schema.safeParse(value).success);
}

/** @throws RangefinderError 'corrupt-file' */
export function readOverrides(value: unknown): Encodings {
  const inner = typeof value === 'object' && value !== null && OPTION in value ? value[OPTION] : value;
  const parsed = schema.safeParse(inner);
  if (!parsed.success) throw damaged(NAME, 'it is no table of tensors with a list each');
  const encodings: Encoding[] = [];
  const left: string[] = [];
  for (const [tensor, channels] of Object.entries(parsed.data)) {
    const [head] = channels;
    if (!head) continue;
    if ('convert' in head) left.push(`${tensor}: the conversion to a second type`);
    const [, unsigned, digits] = /^(?:QuantType\.)?Q(U?)Int(\d+)$/.exec(head.quant_type ?? 'QInt8') ?? [];
    if (digits === undefined) {
      left.push(`${tensor}: the type ${head.quant_type}`);
      continue;
    }
    const bits = Number(digits);
    const grids = channels.map((one) => gridOf(one, bits, unsigned === 'U' ? signedShift(bits) : 0));
    const known = grids.filter((grid) => grid !== undefined);
    if (known.length > 0 && known.length < grids.length)
      throw damaged(NAME, `"${tensor}" lacks the scale of a channel`);
    encodings.push(
      checkedEncoding(NAME, {
        tensor,
        bits,
        scale: known.map(({ scale }) => scale),
        zeroPoint: known.map(({ zeroPoint }) => zeroPoint),
        ...(head.axis !== undefined && { axis: head.axis }),
      }),
    );
  }
  return { encodings, left };
}

/** A grid that is given by its ends holds zero, as every quantizer's does. */
function gridOf({ scale, zero_point: zero, rmin, rmax }: Channel, bits: number, shift: number) {
  if (scale !== undefined && zero !== undefined) return { scale, zeroPoint: zero + shift };
  if (rmin === undefined || rmax === undefined) return undefined;
  const low = Math.min(rmin, 0);
  const step = (Math.max(rmax, 0) - low) / (2 ** bits - 1);
  return { scale: step, zeroPoint: Math.round(signedShift(bits) - low / step) };
}

export function writeOverrides(encodings: readonly Encoding[]): unknown {
  const entries = encodings.map(({ tensor, bits, scale, zeroPoint, axis }) => {
    const head = { quant_type: `QInt${bits}`, ...(axis !== undefined && { axis }) };
    const channels = scale.map((s, i) => ({ ...(i === 0 && head), scale: s, zero_point: zeroPoint[i] }));
    return [tensor, channels.length > 0 ? channels : [head]] as const;
  });
  return Object.fromEntries(entries);
}
