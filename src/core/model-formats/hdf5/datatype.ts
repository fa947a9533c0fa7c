/** Types and shapes of data sets and attributes (specification IV.A.2.b and d). */
import { widenHalf } from '../../numerics/half';
import type { Hdf5Bytes } from './bytes';

export type Datatype =
  | { readonly kind: 'number'; readonly name: NumberName; readonly bytes: number; readonly bigEndian: boolean }
  | { readonly kind: 'text'; readonly bytes: number }
  /** Text of any length, kept in a heap. */
  | { readonly kind: 'heap-text'; readonly bytes: number }
  | { readonly kind: 'other'; readonly name: string; readonly bytes: number };

type NumberName = keyof typeof NUMBERS;

const NUMBERS = {
  int8: { bytes: 1, read: (v: DataView, at: number) => v.getInt8(at) },
  uint8: { bytes: 1, read: (v: DataView, at: number) => v.getUint8(at) },
  int16: { bytes: 2, read: (v: DataView, at: number, little: boolean) => v.getInt16(at, little) },
  uint16: { bytes: 2, read: (v: DataView, at: number, little: boolean) => v.getUint16(at, little) },
  int32: { bytes: 4, read: (v: DataView, at: number, little: boolean) => v.getInt32(at, little) },
  uint32: { bytes: 4, read: (v: DataView, at: number, little: boolean) => v.getUint32(at, little) },
  int64: { bytes: 8, read: (v: DataView, at: number, little: boolean) => Number(v.getBigInt64(at, little)) },
  uint64: { bytes: 8, read: (v: DataView, at: number, little: boolean) => Number(v.getBigUint64(at, little)) },
  float16: {
    bytes: 2,
    read: (v: DataView, at: number, little: boolean) => widenHalf(Uint16Array.of(v.getUint16(at, little)))[0],
  },
  bfloat16: { bytes: 2, read: (v: DataView, at: number, little: boolean) => widenBrainFloat(v.getUint16(at, little)) },
  float32: { bytes: 4, read: (v: DataView, at: number, little: boolean) => v.getFloat32(at, little) },
  float64: { bytes: 8, read: (v: DataView, at: number, little: boolean) => v.getFloat64(at, little) },
} as const;

/** bfloat16 is the upper half of a float32. */
function widenBrainFloat(half: number): number {
  return new Float32Array(Uint32Array.of(half << 16).buffer)[0];
}

const CLASSES = ['integers', 'floats', 'times', 'text', 'bits', 'opaque values', 'records', 'references', 'enumerations', 'lists', 'arrays']; // prettier-ignore

export function readDatatype(file: Hdf5Bytes, at: number): Datatype {
  const head = file.u8(at);
  const bits = file.u8(at + 1);
  const bytes = file.u32(at + 4);
  if (bytes === 0) throw file.corrupt(at, 'a type has no size');
  const bigEndian = (bits & 1) === 1;
  const classNumber = head & 15;
  if (classNumber === 0 && [1, 2, 4, 8].includes(bytes))
    return { kind: 'number', name: `${bits & 8 ? '' : 'u'}int${8 * bytes}` as NumberName, bytes, bigEndian };
  if (classNumber === 1 && [2, 4, 8].includes(bytes) && (bits & 0x40) === 0) {
    const exponentBits = file.u8(at + 8 + 5);
    const name = bytes === 2 ? (exponentBits === 8 ? 'bfloat16' : 'float16') : bytes === 4 ? 'float32' : 'float64';
    return { kind: 'number', name, bytes, bigEndian };
  }
  if (classNumber === 3) return { kind: 'text', bytes };
  if (classNumber === 9 && (bits & 15) === 1) return { kind: 'heap-text', bytes };
  // Truth values are an enumeration over bytes.
  if (classNumber === 8 && bytes === 1) return { kind: 'number', name: 'int8', bytes, bigEndian: false };
  return { kind: 'other', name: CLASSES[classNumber] ?? 'values of an unknown type', bytes };
}

/** Dimensions; [] of a single value, null of none at all. */
export function readDataspace(file: Hdf5Bytes, at: number): number[] | null {
  const version = file.u8(at);
  const rank = file.u8(at + 1);
  if (version !== 1 && version !== 2) throw file.corrupt(at, 'a shape is of an unknown version');
  if (rank > 32) throw file.corrupt(at, `a shape has ${rank} dimensions`);
  if (version === 2 && file.u8(at + 3) === 2) return null;
  const first = at + (version === 1 ? 8 : 4);
  const shape = Array.from({ length: rank }, (_, i) => file.size(first + i * file.lengthBytes));
  if (!Number.isSafeInteger(shape.reduce((n, d) => n * d, 1))) throw file.corrupt(at, 'a shape is impossibly large');
  return shape;
}

/** As float32; a view where the bytes are such numbers already. */
export function decodeNumbers(bytes: Uint8Array, type: Extract<Datatype, { kind: 'number' }>): Float32Array {
  const count = bytes.length / type.bytes;
  if (type.name === 'float32' && !type.bigEndian)
    return bytes.byteOffset % 4 === 0
      ? new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, count)
      : new Float32Array(bytes.slice().buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { read } = NUMBERS[type.name];
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, i * type.bytes, !type.bigEndian);
  return values;
}
