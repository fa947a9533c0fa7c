/** Tensors stored in the file, and the values shape arithmetic computes from them. */
import { RangefinderError } from '../../../base/errors';
import { elementCount, type StoredAs } from '../../graph/graph';
import { widenHalf } from '../../numerics/half';
import { typedView } from '../tflite/schema/decode';
import { isExternal } from './external-data';
import type { Message } from './proto/schema';

export type ConstantValues =
  Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array;

/** Real numbers are float32 whatever the file stores; integers of 32 bits unsigned and of 64 bits are float64. */
export interface Constant {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: ConstantValues;
  /** Of real values that the file keeps as integers. */
  readonly storedAs?: StoredAs;
}

interface Element {
  readonly code: number;
  readonly real: boolean;
  /** Of one element; below one, several share a byte, the first in its lowest bits. */
  readonly bytes: number;
  /** From little-endian bytes. */
  readonly fromRaw: (raw: Uint8Array, count: number) => ConstantValues;
  /** From the repeated field that holds this type where there are no raw bytes. */
  readonly fromField: (tensor: Message<'TensorProto'>, count: number) => ConstantValues;
}

/** bfloat16 is the upper half of a float32. */
function widenBrainFloat(halves: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

const int64 = (raw: Uint8Array) => Float64Array.from(typedView(BigInt64Array, raw), Number);
const uint64 = (raw: Uint8Array) => Float64Array.from(typedView(BigUint64Array, raw), Number);

/** Element types Rangefinder reads, by TensorProto.DataType. */
const ELEMENTS = {
  FLOAT: {
    code: 1,
    real: true,
    bytes: 4,
    fromRaw: (raw) => typedView(Float32Array, raw),
    fromField: (tensor) => tensor.floatData,
  },
  UINT8: integer(2, Uint8Array),
  INT8: integer(3, Int8Array),
  UINT16: integer(4, Uint16Array),
  INT16: integer(5, Int16Array),
  INT32: integer(6, Int32Array),
  INT64: { code: 7, real: false, bytes: 8, fromRaw: int64, fromField: (tensor) => tensor.int64Data },
  BOOL: integer(9, Uint8Array),
  FLOAT16: {
    code: 10,
    real: true,
    bytes: 2,
    fromRaw: (raw) => widenHalf(typedView(Uint16Array, raw)),
    fromField: (tensor) => widenHalf(Uint16Array.from(tensor.int32Data)),
  },
  DOUBLE: {
    code: 11,
    real: true,
    bytes: 8,
    fromRaw: (raw) => Float32Array.from(typedView(Float64Array, raw)),
    fromField: (tensor) => Float32Array.from(tensor.doubleData),
  },
  UINT32: {
    code: 12,
    real: false,
    bytes: 4,
    fromRaw: (raw) => Float64Array.from(typedView(Uint32Array, raw)),
    fromField: (tensor) => tensor.uint64Data,
  },
  UINT64: { code: 13, real: false, bytes: 8, fromRaw: uint64, fromField: (tensor) => tensor.uint64Data },
  BFLOAT16: {
    code: 16,
    real: true,
    bytes: 2,
    fromRaw: (raw) => widenBrainFloat(typedView(Uint16Array, raw)),
    fromField: (tensor) => widenBrainFloat(Uint16Array.from(tensor.int32Data)),
  },
  UINT4: packed(21, 4, false),
  INT4: packed(22, 4, true),
  UINT2: packed(25, 2, false),
  INT2: packed(26, 2, true),
} as const satisfies Readonly<Record<string, Element>>;

export type ElementType = keyof typeof ELEMENTS;

/** Types we name in refusals only. */
const OTHER_NAMES: Readonly<Record<number, string>> = {
  0: 'UNDEFINED',
  8: 'STRING',
  14: 'COMPLEX64',
  15: 'COMPLEX128',
  17: 'FLOAT8E4M3FN',
  18: 'FLOAT8E4M3FNUZ',
  19: 'FLOAT8E5M2',
  20: 'FLOAT8E5M2FNUZ',
  23: 'FLOAT4E2M1',
  24: 'FLOAT8E8M0',
};

function integer(
  code: number,
  type: {
    new (buffer: ArrayBufferLike, at: number, length: number): ConstantValues;
    readonly BYTES_PER_ELEMENT: number;
    from(values: ArrayLike<number>): ConstantValues;
  },
): Element {
  return {
    code,
    real: false,
    bytes: type.BYTES_PER_ELEMENT,
    fromRaw: (raw) => typedView(type, raw),
    fromField: (tensor) => type.from(tensor.int32Data),
  };
}

/** Integers of fewer bits than a byte has. */
function packed(code: number, bits: number, signed: boolean): Element {
  const perByte = 8 / bits;
  const unpack = (bytes: ArrayLike<number>, count: number) => {
    const values = signed ? new Int8Array(count) : new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const code = (bytes[Math.floor(i / perByte)] >> (bits * (i % perByte))) & (2 ** bits - 1);
      values[i] = signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
    }
    return values;
  };
  return {
    code,
    real: false,
    bytes: bits / 8,
    fromRaw: unpack,
    fromField: ({ int32Data }, count) => unpack(int32Data, Math.min(count, int32Data.length * perByte)),
  };
}

const BY_CODE = new Map(Object.entries(ELEMENTS).map(([name, { code }]) => [code, name as ElementType]));

/** The type of a TensorProto.DataType, or of its name; undefined for those Rangefinder does not read. */
export function elementType(code: number | string): ElementType | undefined {
  if (typeof code === 'number') return BY_CODE.get(code);
  return Object.hasOwn(ELEMENTS, code) ? (code as ElementType) : undefined;
}

export function typeCode(type: ElementType): number {
  return ELEMENTS[type].code;
}

export function typeName(code: number): string {
  return elementType(code) ?? OTHER_NAMES[code] ?? `type ${code}`;
}

export function isReal(type: ElementType): boolean {
  return ELEMENTS[type].real;
}

/** The range of the integer types that quantized tensors have. */
export function integerRange(type: ElementType): readonly [number, number] | undefined {
  const { real, bytes } = ELEMENTS[type];
  if (real || bytes > 4 || type === 'BOOL') return undefined;
  const span = 2 ** (8 * bytes);
  return type.startsWith('U') ? [0, span - 1] : [-span / 2, span / 2 - 1];
}

/**
 * @throws RangefinderError 'corrupt-file' where the data does not fill the shape, 'unsupported-feature' for data kept in
 * another file and for types we do not read
 */
export function readTensor(tensor: Message<'TensorProto'>, what: string, fileName: string): Constant {
  const fail = (code: 'corrupt-file' | 'unsupported-feature', message: string, hint: string) =>
    new RangefinderError({ code, message, where: `${fileName}, ${what}`, hint });
  const damaged = (problem: string) =>
    fail('corrupt-file', `This ONNX file is damaged: ${what} ${problem}.`, 'Download or export the file again.');
  if (isExternal(tensor))
    throw fail('unsupported-feature', `${what} keeps its values in another file.`, INLINE_WEIGHTS);
  if (tensor.segment) throw fail('unsupported-feature', `${what} is stored in segments.`, INLINE_WEIGHTS);
  const type = elementType(tensor.dataType ?? 0);
  if (!type)
    throw fail(
      'unsupported-feature',
      `${what} has elements of type ${typeName(tensor.dataType ?? 0)}, which Rangefinder does not read.`,
      'Export the model with float32 weights.',
    );
  const shape = [...tensor.dims];
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0)) throw damaged(`has a shape of [${shape.join(', ')}]`);
  const count = elementCount(shape);
  const element: Element = ELEMENTS[type];
  const { rawData } = tensor;
  if (rawData && rawData.length > 0) {
    if (rawData.length !== Math.ceil(count * element.bytes))
      throw damaged(`has ${rawData.length} bytes for a shape of [${shape.join(', ')}]`);
    return { type, shape, values: element.fromRaw(rawData, count) };
  }
  const values = element.fromField(tensor, count);
  if (values.length !== count) throw damaged(`has ${values.length} values for a shape of [${shape.join(', ')}]`);
  return { type, shape, values };
}

export const INLINE_WEIGHTS =
  'Save the model with its weights in one file: torch.onnx.export with external_data=False, or onnx.save_model after onnx.load.';

export const realConstant = (shape: readonly number[], values: Iterable<number>): Constant => ({
  type: 'FLOAT',
  shape,
  values: values instanceof Float32Array ? values : Float32Array.from(values),
});

export const integerConstant = (shape: readonly number[], values: Iterable<number>): Constant => ({
  type: 'INT64',
  shape,
  values: values instanceof Float64Array ? values : Float64Array.from(values),
});
