/**
 * IDX, the format of MNIST: two zero bytes, element type, number of dimensions, big-endian sizes and elements
 * (http://yann.lecun.com/exdb/mnist/, "the IDX file format").
 */
import { RangefinderError } from '../../../base/errors';
import { labelsOfNumbers, type ReadLabels } from '../labels';
import { withoutSamples } from '../left-out';
import type { NpyArray, NpyData, NpyDType } from '../npy';
import type { LazyFile } from '../zip';
import { separateSets } from '../separate-sets';
import type { SampleSource } from '../types';
import { arraySource, checkCounts, numbersOf } from './arrays';
import type { DataOpener } from './opener';

interface IdxType {
  readonly dtype: NpyDType;
  readonly bytes: number;
  readonly read: (view: DataView, offset: number, count: number) => NpyData;
}

/** Bytes are viewed, wider elements read one by one because they are big-endian. */
const TYPES: Readonly<Record<number, IdxType>> = {
  0x08: { dtype: 'uint8', bytes: 1, read: (v, at, n) => new Uint8Array(v.buffer, v.byteOffset + at, n) },
  0x09: { dtype: 'int8', bytes: 1, read: (v, at, n) => new Int8Array(v.buffer, v.byteOffset + at, n) },
  0x0b: {
    dtype: 'int16',
    bytes: 2,
    read: (v, at, n) => Int16Array.from({ length: n }, (_, i) => v.getInt16(at + 2 * i)),
  },
  0x0c: {
    dtype: 'int32',
    bytes: 4,
    read: (v, at, n) => Int32Array.from({ length: n }, (_, i) => v.getInt32(at + 4 * i)),
  },
  0x0d: {
    dtype: 'float32',
    bytes: 4,
    read: (v, at, n) => Float32Array.from({ length: n }, (_, i) => v.getFloat32(at + 4 * i)),
  },
  0x0e: {
    dtype: 'float64',
    bytes: 8,
    read: (v, at, n) => Float64Array.from({ length: n }, (_, i) => v.getFloat64(at + 8 * i)),
  },
};

export const idxOpener: DataOpener = {
  id: 'idx',
  label: 'IDX (MNIST)',
  recognises: (head) => head[0] === 0 && head[1] === 0 && Object.hasOwn(TYPES, head[2]) && head[3] >= 1 && head[3] <= 8,
  open(files) {
    const arrays = files.map((file) => ({ path: file.path, array: parseIdx(file) }));
    const parts = [arrays.filter((row) => !isHeldOut(row)), arrays.filter(isHeldOut)];
    if (parts.every((part) => part.some(isOfSamples))) {
      const [training, heldOut] = parts.map(sourceOf);
      return separateSets(training, heldOut);
    }
    return sourceOf(arrays);
  },
};

interface IdxFile {
  readonly path: string;
  readonly array: NpyArray;
}

const isOfSamples = ({ array }: IdxFile) => array.shape.length > 1;

/** MNIST and its kin come as two sets in one folder, of which the names of the second say that it is for tests. */
const isHeldOut = ({ path }: IdxFile) =>
  /(^|[^a-z])(t10k|test|val|valid|validation)([^a-z]|$)/i.test(path.split('/').at(-1)!);

/** One data set: samples with their labels. */
function sourceOf(arrays: readonly IdxFile[]): SampleSource {
  const samples = arrays.filter(isOfSamples);
  const labels = arrays.filter(({ array }) => array.shape.length === 1);
  if (samples.length === 0 || samples.length > 1)
    throw new RangefinderError({
      code: 'invalid-data',
      message:
        samples.length === 0
          ? 'These IDX files hold one value per sample, labels perhaps, but no samples.'
          : `There are ${samples.length} IDX files of samples; one data set is opened at a time.`,
      where: arrays.map(({ path }) => path).join(', '),
      hint: 'Drop one file of samples and the file of its labels, or two of each of which one is named test or t10k.',
    });
  const [{ path, array }] = samples;
  const { fields, missing } = labelsFor(array.shape[0], labels);
  return withoutSamples({ ...arraySource(path, array), ...fields }, missing);
}

/** Of several label files the one with as many labels as there are samples. */
function labelsFor(count: number, labels: readonly { path: string; array: NpyArray }[]): ReadLabels {
  if (labels.length === 0) return { fields: {}, missing: new Map() };
  const match = labels.find(({ array }) => array.shape[0] === count) ?? labels[0];
  checkCounts(match.path, count, match.array.shape[0]);
  return labelsOfNumbers(numbersOf(match.array.data), [], !match.array.dtype.startsWith('float'));
}

/** @throws RangefinderError 'corrupt-file' where the sizes are not those of the file. */
export function parseIdx(file: LazyFile): NpyArray {
  const bytes = file.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!idxOpener.recognises(bytes))
    throw new RangefinderError({
      code: 'corrupt-file',
      message: 'The file does not begin like an IDX file, as others of its kind do.',
      where: file.path,
      hint: 'Leave it out, or copy or download it again.',
    });
  const type = TYPES[bytes[2]];
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  const shape = bytes.length < start ? [] : Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  if (shape.includes(0))
    throw new RangefinderError({
      code: 'invalid-data',
      message: `The array of shape ${shape.join('×')} is empty: a dimension is 0.`,
      where: file.path,
      hint: 'Drop a file with samples in it.',
    });
  const count = shape.reduce((n, d) => n * d, 1);
  if (bytes.length < start || start + count * type.bytes !== bytes.length)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The file says ${shape.join('×')} ${type.dtype}; ${bytes.length} bytes do not hold just that.`,
      where: file.path,
      hint: 'The file is cut off or no IDX file: copy or download it again.',
    });
  return { shape, dtype: type.dtype, data: type.read(view, start, count) };
}
