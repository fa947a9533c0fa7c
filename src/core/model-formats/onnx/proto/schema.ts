/**
 * The part of the ONNX schema (onnx.proto3 of ONNX 1.23) that Rangefinder reads, as data: for each message its fields as
 * [number, type]. `decode.ts` is driven by it, the types below are derived from it.
 *
 * Subgraphs of control flow and types other than tensors stay undecoded (`bytes`): ops that have them are refused, and
 * the depth of a file is then bounded by this table.
 */
export const SCHEMA = {
  ModelProto: {
    irVersion: [1, 'int'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    docString: [6, 'string'],
    graph: [7, 'GraphProto'],
    opsetImport: [8, 'OperatorSetIdProto[]'],
  },
  OperatorSetIdProto: {
    domain: [1, 'string'],
    version: [2, 'int'],
  },
  GraphProto: {
    node: [1, 'NodeProto[]'],
    name: [2, 'string'],
    initializer: [5, 'TensorProto[]'],
    input: [11, 'ValueInfoProto[]'],
    output: [12, 'ValueInfoProto[]'],
    sparseInitializer: [15, 'bytes[]'],
  },
  NodeProto: {
    input: [1, 'string[]'],
    output: [2, 'string[]'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'AttributeProto[]'],
    domain: [7, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int'],
    s: [4, 'bytes'],
    t: [5, 'TensorProto'],
    g: [6, 'bytes'],
    floats: [7, 'float[]'],
    ints: [8, 'int[]'],
    strings: [9, 'bytes[]'],
    type: [20, 'int'],
  },
  TensorProto: {
    dims: [1, 'int[]'],
    dataType: [2, 'int'],
    segment: [3, 'bytes'],
    floatData: [4, 'float[]'],
    int32Data: [5, 'int[]'],
    stringData: [6, 'bytes[]'],
    int64Data: [7, 'int[]'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
    doubleData: [10, 'double[]'],
    uint64Data: [11, 'uint[]'],
    externalData: [13, 'StringStringEntryProto[]'],
    dataLocation: [14, 'int'],
  },
  StringStringEntryProto: {
    key: [1, 'string'],
    value: [2, 'string'],
  },
  ValueInfoProto: {
    name: [1, 'string'],
    type: [2, 'TypeProto'],
  },
  TypeProto: {
    tensorType: [1, 'TypeProtoTensor'],
    sequenceType: [4, 'bytes'],
    mapType: [5, 'bytes'],
    sparseTensorType: [8, 'bytes'],
    optionalType: [9, 'bytes'],
  },
  TypeProtoTensor: {
    elemType: [1, 'int'],
    shape: [2, 'TensorShapeProto'],
  },
  TensorShapeProto: {
    dim: [1, 'TensorShapeDimension[]'],
  },
  TensorShapeDimension: {
    dimValue: [1, 'int'],
    dimParam: [2, 'string'],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>;

export type MessageName = keyof typeof SCHEMA;

/** 64-bit integers become the nearest number: exact up to 2⁵³, and what lies above means "to the end" wherever it occurs. */
export interface Scalars {
  int: number;
  float: number;
  string: string;
  bytes: Uint8Array;
}

/** Repeated numbers, packed or not. */
export interface Lists {
  'int[]': Float64Array;
  'uint[]': Float64Array;
  'float[]': Float32Array;
  'double[]': Float64Array;
  'string[]': readonly string[];
  'bytes[]': readonly Uint8Array[];
}

type Value<T> = T extends keyof Scalars
  ? Scalars[T] | undefined
  : T extends keyof Lists
    ? Lists[T]
    : T extends `${infer N extends MessageName}[]`
      ? readonly Message<N>[]
      : T extends MessageName
        ? Message<T> | undefined
        : never;

/** A decoded message: absent fields are undefined, absent repeated ones empty. */
export type Message<N extends MessageName> = {
  readonly [F in keyof (typeof SCHEMA)[N]]: (typeof SCHEMA)[N][F] extends readonly [number, infer T] ? Value<T> : never;
};

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
}

const FIELDS = new Map(
  Object.entries(SCHEMA).map(([message, fields]) => [
    message,
    new Map(
      Object.entries(fields as Readonly<Record<string, readonly [number, string]>>).map(([name, [number, type]]) => [
        number,
        { name, number, type },
      ]),
    ),
  ]),
);

/** Field number → field. */
export function fieldsOf(message: MessageName): ReadonlyMap<number, Field> {
  return FIELDS.get(message)!;
}
