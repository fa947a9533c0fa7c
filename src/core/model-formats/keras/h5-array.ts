import { RangefinderError } from '../../../base/errors';
import { decodeNumbers } from '../hdf5/datatype';
import type { Hdf5Group } from '../hdf5/file';
import type { NamedArray } from './weights';

/** A weight stored as a data set. Throws 'corrupt-file' where it is missing; reading it also 'unsupported-feature'. */
export function arrayAt(group: Hdf5Group, path: string, name = path): NamedArray {
  const dataset = group.dataset(path);
  if (!dataset)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The weight "${name}" is listed but not in the file.`,
      where: name,
      hint: 'Save the model again, or copy the file again.',
    });
  const { shape, type } = dataset;
  return {
    name,
    shape,
    read() {
      if (type.kind !== 'number')
        throw new RangefinderError({
          code: 'unsupported-feature',
          message: `The weight "${name}" is stored as ${type.kind === 'other' ? type.name : 'text'}, which is not read.`,
          where: name,
          hint: 'Save the model with float32 weights.',
        });
      return decodeNumbers(dataset.bytes(), type);
    },
  };
}
