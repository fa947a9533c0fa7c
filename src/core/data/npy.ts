/**
 * NumPy's array files, read by the format's own description (numpy.lib.format, versions 1.0, 2.0 and 3.0): magic,
 * version, length of a header that is a Python dict literal, then the elements.
 */
import { lookup } from '../../base/lookup';
import { RangefinderError } from '../../base/errors';
import { openZip } from './zip';
import { widenHalf } from '../numerics/half';

export type NpyDType =
  | 'float16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

export type NpyData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface NpyArray {
  readonly shape: readonly number[];
  /** As the file has it. float16 is widened: its data is a Float32Array; bool's is a Uint8Array of 0 and 1. */
  readonly dtype: NpyDType;
  /** Row-major (C order), whatever the file's order and endianness; a view of the file's bytes where that is possible. */
  readonly data: NpyData;
}

interface ElementType {
  readonly dtype: NpyDType;
  readonly bytes: number;
  readonly view: (buffer: ArrayBufferLike, offset: number, length: number) => NpyData;
}

/** Type code and size of a `descr` → how its elements are viewed. */
const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  f2: { dtype: 'float16', bytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  f4: { dtype: 'float32', bytes: 4, view: (b, o, n) => new Float32Array(b, o, n) },
  f8: { dtype: 'float64', bytes: 8, view: (b, o, n) => new Float64Array(b, o, n) },
  i1: { dtype: 'int8', bytes: 1, view: (b, o, n) => new Int8Array(b, o, n) },
  u1: { dtype: 'uint8', bytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
  i2: { dtype: 'int16', bytes: 2, view: (b, o, n) => new Int16Array(b, o, n) },
  u2: { dtype: 'uint16', bytes: 2, view: (b, o, n) => new Uint16Array(b, o, n) },
  i4: { dtype: 'int32', bytes: 4, view: (b, o, n) => new Int32Array(b, o, n) },
  u4: { dtype: 'uint32', bytes: 4, view: (b, o, n) => new Uint32Array(b, o, n) },
  i8: { dtype: 'int64', bytes: 8, view: (b, o, n) => new BigInt64Array(b, o, n) },
  u8: { dtype: 'uint64', bytes: 8, view: (b, o, n) => new BigUint64Array(b, o, n) },
  b1: { dtype: 'bool', bytes: 1, view: (b, o, n) => new Uint8Array(b, o, n) },
};

/** NumPy's own limit. */
const MOST_DIMENSIONS = 64;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

export function isNpy(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => head[i] === byte);
}

/**
 * @param where names the file in errors.
 * @throws RangefinderError 'unknown-format' without the magic, 'corrupt-file' where header and length disagree,
 *   'unsupported-feature' for structured, string, complex or object arrays.
 */
export function parseNpy(bytes: Uint8Array, where = '.npy file'): NpyArray {
  if (!isNpy(bytes))
    throw new RangefinderError({
      code: 'unknown-format',
      message: 'This is not a NumPy array: it does not begin with \\x93NUMPY.',
      where,
      hint: 'Save the array with numpy.save or numpy.savez.',
    });
  const { header, dataOffset } = readHeader(bytes, where);
  const { type, bigEndian, fortranOrder, shape } = parseHeader(header, where);

  if (shape.length > MOST_DIMENSIONS)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The array says that it has ${shape.length} dimensions; NumPy knows ${MOST_DIMENSIONS}.`,
      where,
      hint: 'Save an array of shape [samples, …].',
    });
  const count = shape.reduce((n, d) => n * d, 1);
  const available = bytes.length - dataOffset;
  if (!Number.isSafeInteger(count) || count * type.bytes > available)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The array says ${shape.join('×') || 'scalar'} ${type.dtype}, ${count * type.bytes} bytes; the file holds ${available}.`,
      where,
      hint: 'The file is cut off: copy or save it again.',
    });

  let data = viewElements(bytes, dataOffset, count, type, bigEndian);
  if (type.dtype === 'float16') data = widenHalf(data as Uint16Array);
  if (fortranOrder && shape.length > 1) data = toRowMajor(data, shape);
  return { shape, dtype: type.dtype, data };
}

/**
 * The words of an array of strings in one dimension, "<U5" or "|S5"; null for arrays of other types.
 * @throws RangefinderError 'corrupt-file' where header and length disagree
 */
export function parseNpyWords(bytes: Uint8Array, where: string): string[] | null {
  const { header, dataOffset } = readHeader(bytes, where);
  const type = /['"]descr['"]\s*:\s*['"]([<>|=]?)([US])(\d+)['"]/.exec(header);
  const length = /['"]shape['"]\s*:\s*\((\d+),\)/.exec(header);
  if (!type || !length) return null;
  const [, order, kind, width] = type;
  const size = Number(width) * (kind === 'U' ? 4 : 1);
  const count = Number(length[1]);
  if (count * size > bytes.length - dataOffset) throw cutOff(where);
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataOffset);
  const character = (at: number) => (kind === 'U' ? view.getUint32(at, order !== '>') : view.getUint8(at));
  const step = kind === 'U' ? 4 : 1;
  return Array.from({ length: count }, (_, i) => {
    let word = '';
    for (let at = i * size; at < (i + 1) * size; at += step) {
      const code = character(at);
      if (code > 0x10ffff) throw cutOff(where);
      if (code > 0) word += String.fromCodePoint(code);
    }
    return word.trim();
  });
}

const cutOff = (where: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message: 'The array of words is cut off or damaged.',
    where,
    hint: 'Save it again with numpy.save.',
  });

/**
 * The arrays of an .npz archive by name, without the ".npy" of their entries.
 * @throws RangefinderError as {@link parseNpy} and {@link openZip}; entries that are no arrays are 'unknown-format'.
 */
export function parseNpz(bytes: Uint8Array, where = '.npz file'): Map<string, NpyArray> {
  const arrays = new Map<string, NpyArray>();
  for (const entry of openZip(bytes, where))
    arrays.set(entry.path.replace(/\.npy$/, ''), parseNpy(entry.bytes(), `${where}, ${entry.path}`));
  return arrays;
}

function readHeader(bytes: Uint8Array, where: string): { header: string; dataOffset: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  if (version === undefined || version < 1 || version > 3)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `NumPy file format version ${version ?? 'missing'} is not one of 1, 2 and 3.`,
      where,
      hint: 'Save the array again with a current NumPy.',
    });
  const lengthBytes = version === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  const truncated = new RangefinderError({
    code: 'corrupt-file',
    message: 'The file ends within its header.',
    where,
    hint: 'The file is cut off: copy or save it again.',
  });
  if (bytes.length < start) throw truncated;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (bytes.length < start + length) throw truncated;
  const header = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length));
  return { header, dataOffset: start + length };
}

interface Header {
  readonly type: ElementType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: number[];
}

/** The header is a Python dict literal with exactly the keys descr, fortran_order and shape, in any order. */
function parseHeader(header: string, where: string): Header {
  const descr = /['"]descr['"]\s*:\s*(?:['"]([^'"]*)['"]|(\[))/.exec(header);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(header);
  const dimensions = /['"]shape['"]\s*:\s*\(([\d\s,L]*)\)/.exec(header);
  if (!descr || !order || !dimensions)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The header has no descr, fortran_order or shape: ${header.slice(0, 120).trim()}`,
      where,
      hint: 'Save the array again with numpy.save.',
    });
  const [, byteOrder, code] = /^([<>|=]?)(.*)$/s.exec(descr[1] ?? '')!;
  const type = lookup(ELEMENT_TYPES, code);
  if (!type)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `Arrays of type ${descr[2] ? 'record' : `"${descr[1]}"`} are not read.`,
      where,
      hint: 'Save it as a plain numeric array, for instance x.astype("float32").',
    });
  const shape = dimensions[1]
    .split(',')
    .map((part) => part.trim().replace(/L$/, ''))
    .filter((part) => part !== '')
    .map(Number);
  return { type, bigEndian: byteOrder === '>', fortranOrder: order[1] === 'True', shape };
}

/** Elements in file order; copied only where alignment or endianness asks for it. */
function viewElements(
  bytes: Uint8Array,
  offset: number,
  count: number,
  { bytes: size, view }: ElementType,
  bigEndian: boolean,
): NpyData {
  const start = bytes.byteOffset + offset;
  const swap = bigEndian && size > 1;
  if (!swap && start % size === 0) return view(bytes.buffer, start, count);
  const copy = bytes.slice(offset, offset + count * size);
  if (swap) for (let at = 0; at < copy.length; at += size) copy.subarray(at, at + size).reverse();
  return view(copy.buffer, 0, count);
}

/** Column-major to row-major: walks the target in order and keeps the source position by its strides. */
function toRowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const out = new (data.constructor as new (length: number) => NpyData)(data.length);
  const strides: number[] = [];
  shape.reduce((stride, d, axis) => ((strides[axis] = stride), stride * d), 1);
  const position = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++position[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      position[axis] = 0;
    }
  }
  return out;
}
