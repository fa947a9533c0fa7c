/** Trained weights as bytes: a JSON head with the places of its arrays, and their values as little-endian float32. */
import { z } from '../../base/zod';
import { RangefinderError } from '../../base/errors';
import type { NumberFormat } from '../number-formats/format';
import type { QatCheckpoint } from '../training/checkpoint';

const place = z.object({ at: z.number().int().min(0), length: z.number().int().min(0) });
type Place = z.infer<typeof place>;

/** A number format as a file or the browser keeps it; what is in it is checked by who uses it. */
export const keptFormat = z.custom<NumberFormat>((value) => z.object({ kind: z.string() }).safeParse(value).success);

const head = z.object({
  version: z.literal(1),
  weights: z.array(
    z.object({
      tensor: z.string(),
      values: place,
      scale: place.optional(),
      format: keptFormat.optional(),
      quantizedDimension: z.number().int().min(0).optional(),
    }),
  ),
  biases: z.array(z.object({ tensor: z.string(), values: place })),
  activations: z.array(z.object({ tensor: z.string(), scale: z.number(), zeroPoint: z.number() })),
  epoch: z.number(),
  loss: z.number(),
});

export function checkpointBytes(checkpoint: QatCheckpoint): Uint8Array<ArrayBuffer> {
  const arrays: Float32Array[] = [];
  let at = 0;
  const put = (values: Float32Array): Place => {
    arrays.push(values);
    at += values.length;
    return { at: at - values.length, length: values.length };
  };
  const value: z.input<typeof head> = {
    version: 1,
    weights: Object.entries(checkpoint.weights).map(([tensor, { values, scale, ...rest }]) => ({
      tensor,
      values: put(values),
      ...(scale && { scale: put(scale) }),
      ...(rest as object),
    })),
    biases: Object.entries(checkpoint.biases).map(([tensor, values]) => ({ tensor, values: put(values) })),
    activations: Object.entries(checkpoint.activations).map(([tensor, grid]) => ({ tensor, ...grid })),
    epoch: checkpoint.epoch,
    loss: checkpoint.loss,
  };
  const text = new TextEncoder().encode(JSON.stringify(value));
  const bytes = new Uint8Array(4 + text.length + 4 * at);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, text.length, true);
  bytes.set(text, 4);
  let offset = 4 + text.length;
  for (const values of arrays)
    for (const x of values) {
      view.setFloat32(offset, x, true);
      offset += 4;
    }
  return bytes;
}

/** @throws RangefinderError 'corrupt-file' */
export function readCheckpointBytes(bytes: Uint8Array, where: string): QatCheckpoint {
  const corrupt = () =>
    new RangefinderError({
      code: 'corrupt-file',
      message: 'The trained weights in it cannot be read.',
      where,
      hint: 'Save the project again from the page it came from, or train again.',
    });
  if (bytes.length < 4) throw corrupt();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + view.getUint32(0, true);
  if (start > bytes.length) throw corrupt();
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  } catch {
    throw corrupt();
  }
  const parsed = head.safeParse(json);
  if (!parsed.success) throw corrupt();
  const { weights, biases, activations, epoch, loss } = parsed.data;
  const floats = ({ at, length }: Place): Float32Array => {
    if (start + 4 * (at + length) > bytes.length) throw corrupt();
    return Float32Array.from({ length }, (_, i) => view.getFloat32(start + 4 * (at + i), true));
  };
  return {
    version: 1,
    weights: Object.fromEntries(
      weights.map(({ tensor, values, scale, ...rest }) => [
        tensor,
        { values: floats(values), ...(scale && { scale: floats(scale) }), ...rest },
      ]),
    ),
    biases: Object.fromEntries(biases.map(({ tensor, values }) => [tensor, floats(values)])),
    activations: Object.fromEntries(activations.map(({ tensor, ...grid }) => [tensor, grid])),
    epoch,
    loss,
  };
}
