/** What NumPy and IDX arrays have in common once they are read: samples along the first dimension. */
import { RangefinderError } from '../../../base/errors';
import type { NpyArray, NpyData } from '../npy';
import type { RawSample, SampleSource } from '../types';

/** uint8 arrays of these shapes are pictures: [height, width] and [height, width, 1 or 3]. */
function isPicture(shape: readonly number[]): boolean {
  const [height, width, channels = 1] = shape;
  return (shape.length === 2 || shape.length === 3) && height >= 8 && width >= 8 && (channels === 1 || channels === 3);
}

/** Samples along the first dimension of one array; bytes stay bytes, other types become float32 when read. */
export function arraySource(name: string, { shape, dtype, data }: NpyArray): SampleSource {
  const [size = 0, ...rest] = shape;
  if (size === 0 || rest.includes(0))
    throw new RangefinderError({
      code: 'invalid-data',
      message:
        shape.length === 0
          ? 'The array is a single value; samples go along its first dimension.'
          : `The array of shape ${shape.join('×')} is empty: a dimension is 0.`,
      where: name,
      hint: 'Save an array of shape [samples, …].',
    });
  const picture = dtype === 'uint8' && isPicture(rest);
  const sampleShape = picture && rest.length === 2 ? [...rest, 1] : rest.length > 0 ? rest : [1];
  const length = data.length / size;
  return {
    name,
    kind: picture ? 'images' : 'array',
    size,
    read: async (index) => ({
      shape: sampleShape,
      values: rawValues(data.subarray(index * length, (index + 1) * length)),
    }),
  };
}

/** Several arrays as the inputs of one model: a sample is theirs laid end to end. */
export function joinedSource(name: string, sources: readonly SampleSource[]): SampleSource {
  const [first] = sources;
  if (sources.length === 1) return first;
  const odd = sources.find(({ size }) => size !== first.size);
  if (odd)
    throw new RangefinderError({
      code: 'invalid-data',
      message: `The inputs differ in their number of samples: ${first.size} and ${odd.size}.`,
      where: name,
      hint: 'Save as many samples for each input.',
    });
  return {
    name,
    kind: 'array',
    size: first.size,
    read: async (index) => {
      const parts = await Promise.all(sources.map((source) => source.read(index)));
      const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
      let at = 0;
      for (const part of parts) {
        values.set(part.values, at);
        at += part.values.length;
      }
      return { shape: [values.length], values };
    },
  };
}

/** Elements as numbers; 64-bit integers beyond 2^53 lose their last bits. */
export function numbersOf(data: NpyData): ArrayLike<number> {
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;
}

function rawValues(data: NpyData): RawSample['values'] {
  if (data instanceof Uint8Array || data instanceof Float32Array) return data;
  return Float32Array.from(numbersOf(data));
}

export function checkCounts(name: string, samples: number, labels: number): void {
  if (samples === labels) return;
  throw new RangefinderError({
    code: 'invalid-data',
    message: `There are ${samples} samples and ${labels} labels.`,
    where: name,
    hint: 'Drop the label file that belongs to these samples, or none.',
  });
}
