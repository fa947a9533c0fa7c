import { RangefinderError } from '../../errors';
import { elementCount } from '../../graph/graph';
import { datasetAt, type Group } from './h5-file';
import type { NamedArray } from './weights';

/** No single weight of a model that fits a browser is larger; a compressed file may claim anything. */
const MAX_ELEMENTS = 2 ** 28;

/** Little-endian float32, float64 and integers up to 32 bits, in the codes of Python's struct module. */
const READABLE = /^<[fdbBhHiI]$/;

/** A weight stored as a dataset. Throws 'corrupt-file' where it is missing; reading it also 'too-large', 'unsupported-feature'. */
export function arrayAt(group: Group, path: string, name = path): NamedArray {
  const dataset = datasetAt(group, path);
  if (!dataset)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The weight "${name}" is listed but not in the file.`,
      where: name,
      hint: 'Save the model again, or copy the file again.',
    });
  const shape = dataset.shape ?? [];
  return {
    name,
    shape,
    read() {
      if (elementCount(shape) > MAX_ELEMENTS)
        throw new RangefinderError({
          code: 'too-large',
          message: `The weight "${name}" claims ${elementCount(shape)} values; at most ${MAX_ELEMENTS} can be read.`,
          where: name,
        });
      const dtype = String(dataset.dtype);
      if (!READABLE.test(dtype))
        throw new RangefinderError({
          code: 'unsupported-feature',
          message: `The weight "${name}" is stored as ${dtype === '<e' ? 'float16' : `"${dtype}"`}, which is not read.`,
          where: name,
          hint: 'Save the model with float32 weights.',
        });
      const value = dataset.value;
      if (value instanceof Float32Array) return value;
      return typeof value === 'number' ? Float32Array.of(value) : Float32Array.from(value as ArrayLike<number>);
    },
  };
}
