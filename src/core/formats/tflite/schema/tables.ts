/**
 * The part of the TensorFlow Lite schema (version 3) that Rangefinder reads and writes, as data: for each table its
 * fields as [slot, type, default]. `decode.ts` and `encode.ts` are driven by it, the types below are derived from it.
 *
 * Scalars: u8 i8 i32 u32 u64 f32 bool. `T[]` is a vector, `data` a byte vector that is written 16-byte aligned,
 * `options` the BuiltinOptions union, whose type sits in the slot before.
 */
export const SCHEMA = {
  Model: {
    version: [0, 'u32'],
    operatorCodes: [1, 'OperatorCode[]'],
    subgraphs: [2, 'SubGraph[]'],
    description: [3, 'string'],
    buffers: [4, 'Buffer[]'],
    metadata: [6, 'Metadata[]'],
    signatureDefs: [7, 'SignatureDef[]'],
  },
  OperatorCode: {
    /** All that readers before schema 3a know; saturates at 127. */
    deprecatedBuiltinCode: [0, 'i8'],
    customCode: [1, 'string'],
    version: [2, 'i32', 1],
    builtinCode: [3, 'i32'],
  },
  SubGraph: {
    tensors: [0, 'Tensor[]'],
    inputs: [1, 'i32[]'],
    outputs: [2, 'i32[]'],
    operators: [3, 'Operator[]'],
    name: [4, 'string'],
  },
  Tensor: {
    shape: [0, 'i32[]'],
    type: [1, 'i8'],
    buffer: [2, 'u32'],
    name: [3, 'string'],
    quantization: [4, 'QuantizationParameters'],
    isVariable: [5, 'bool'],
    sparsity: [6, 'SparsityParameters'],
    shapeSignature: [7, 'i32[]'],
    hasRank: [8, 'bool'],
  },
  QuantizationParameters: {
    scale: [2, 'f32[]'],
    zeroPoint: [3, 'i64[]'],
    detailsType: [4, 'u8'],
    quantizedDimension: [6, 'i32'],
  },
  /** Only its presence matters: sparse constants are refused. */
  SparsityParameters: {},
  Operator: {
    opcodeIndex: [0, 'u32'],
    inputs: [1, 'i32[]'],
    outputs: [2, 'i32[]'],
    builtinOptionsType: [3, 'u8'],
    builtinOptions: [4, 'options'],
  },
  Buffer: {
    data: [0, 'data'],
    /** Files over 2 GB keep the bytes behind the FlatBuffer: 0 and 1 mean they do not. */
    offset: [1, 'u64'],
    size: [2, 'u64'],
  },
  Metadata: { name: [0, 'string'], buffer: [1, 'u32'] },
  SignatureDef: {
    inputs: [0, 'TensorMap[]'],
    outputs: [1, 'TensorMap[]'],
    signatureKey: [2, 'string'],
    subgraphIndex: [4, 'u32'],
  },
  TensorMap: { name: [0, 'string'], tensorIndex: [1, 'u32'] },

  /** Root of the metadata entry CONVERSION_METADATA, a FlatBuffer of its own. */
  ConversionMetadata: { environment: [0, 'ConversionEnvironment'] },
  ConversionEnvironment: { tensorflowVersion: [0, 'string'] },

  Conv2DOptions: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    fusedActivation: [3, 'i8'],
    dilationW: [4, 'i32', 1],
    dilationH: [5, 'i32', 1],
  },
  DepthwiseConv2DOptions: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    depthMultiplier: [3, 'i32'],
    fusedActivation: [4, 'i8'],
    dilationW: [5, 'i32', 1],
    dilationH: [6, 'i32', 1],
  },
  TransposeConvOptions: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    fusedActivation: [3, 'i8'],
  },
  FullyConnectedOptions: {
    fusedActivation: [0, 'i8'],
    weightsFormat: [1, 'i8'],
    keepNumDims: [2, 'bool'],
  },
  AddOptions: { fusedActivation: [0, 'i8'] },
  SubOptions: { fusedActivation: [0, 'i8'] },
  MulOptions: { fusedActivation: [0, 'i8'] },
  ConcatenationOptions: { axis: [0, 'i32'], fusedActivation: [1, 'i8'] },
  Pool2DOptions: {
    padding: [0, 'i8'],
    strideW: [1, 'i32'],
    strideH: [2, 'i32'],
    filterW: [3, 'i32'],
    filterH: [4, 'i32'],
    fusedActivation: [5, 'i8'],
  },
  ReducerOptions: { keepDims: [0, 'bool'] },
  ReshapeOptions: { newShape: [0, 'i32[]'] },
  SqueezeOptions: { squeezeDims: [0, 'i32[]'] },
  ExpandDimsOptions: {},
  PadOptions: {},
  PadV2Options: {},
  SoftmaxOptions: { beta: [0, 'f32'] },
  LeakyReluOptions: { alpha: [0, 'f32'] },
  HardSwishOptions: {},
  ResizeBilinearOptions: { alignCorners: [2, 'bool'], halfPixelCenters: [3, 'bool'] },
  ResizeNearestNeighborOptions: { alignCorners: [0, 'bool'], halfPixelCenters: [1, 'bool'] },
  TransposeOptions: {},
  SliceOptions: {},
  StridedSliceOptions: {
    beginMask: [0, 'i32'],
    endMask: [1, 'i32'],
    ellipsisMask: [2, 'i32'],
    newAxisMask: [3, 'i32'],
    shrinkAxisMask: [4, 'i32'],
    offset: [5, 'bool'],
  },
  SplitOptions: { numSplits: [0, 'i32'] },
  SplitVOptions: { numSplits: [0, 'i32'] },
  SpaceToDepthOptions: { blockSize: [0, 'i32'] },
  DepthToSpaceOptions: { blockSize: [0, 'i32'] },
  QuantizeOptions: {},
  DequantizeOptions: {},
  ShapeOptions: {},
  PackOptions: { valuesCount: [0, 'i32'], axis: [1, 'i32'] },
  CastOptions: { inType: [0, 'i8'], outType: [1, 'i8'] },
  GatherOptions: { axis: [0, 'i32'], batchDims: [1, 'i32'] },
  DivOptions: { fusedActivation: [0, 'i8'] },
  MaximumMinimumOptions: {},
  PowOptions: {},
  SquaredDifferenceOptions: {},
  BatchMatMulOptions: { adjX: [0, 'bool'], adjY: [1, 'bool'] },
  UnpackOptions: { num: [0, 'i32'], axis: [1, 'i32'] },
  TileOptions: {},
  MirrorPadOptions: { mode: [0, 'i8'] },
  GeluOptions: { approximate: [0, 'bool'] },
  L2NormOptions: { fusedActivation: [0, 'i8'] },
  LogSoftmaxOptions: {},
  ExpOptions: {},
  SquareOptions: {},
  AbsOptions: {},
  NegOptions: {},
} as const;

/** Tables of the BuiltinOptions union we know, by their type number in it. */
export const OPTIONS_TYPE = {
  Conv2DOptions: 1,
  DepthwiseConv2DOptions: 2,
  Pool2DOptions: 5,
  FullyConnectedOptions: 8,
  SoftmaxOptions: 9,
  ConcatenationOptions: 10,
  AddOptions: 11,
  L2NormOptions: 12,
  ResizeBilinearOptions: 15,
  ReshapeOptions: 17,
  SpaceToDepthOptions: 19,
  MulOptions: 21,
  PadOptions: 22,
  GatherOptions: 23,
  TransposeOptions: 26,
  ReducerOptions: 27,
  SubOptions: 28,
  DivOptions: 29,
  SqueezeOptions: 30,
  StridedSliceOptions: 32,
  ExpOptions: 33,
  SplitOptions: 35,
  LogSoftmaxOptions: 36,
  CastOptions: 37,
  DequantizeOptions: 38,
  MaximumMinimumOptions: 39,
  NegOptions: 42,
  PadV2Options: 43,
  SliceOptions: 48,
  TransposeConvOptions: 49,
  TileOptions: 51,
  ExpandDimsOptions: 52,
  ShapeOptions: 55,
  PowOptions: 56,
  PackOptions: 59,
  UnpackOptions: 64,
  SquareOptions: 66,
  ResizeNearestNeighborOptions: 74,
  LeakyReluOptions: 75,
  SquaredDifferenceOptions: 76,
  MirrorPadOptions: 77,
  AbsOptions: 78,
  SplitVOptions: 79,
  QuantizeOptions: 89,
  HardSwishOptions: 91,
  DepthToSpaceOptions: 94,
  BatchMatMulOptions: 101,
  GeluOptions: 116,
} as const satisfies Partial<Record<keyof typeof SCHEMA, number>>;

export type TableName = keyof typeof SCHEMA;
export type OptionsTable = keyof typeof OPTIONS_TYPE;

const OPTIONS_TABLE: ReadonlyMap<number, OptionsTable> = new Map(
  Object.entries(OPTIONS_TYPE).map(([table, type]) => [type, table as OptionsTable]),
);

export function optionsTable(type: number): OptionsTable | undefined {
  return OPTIONS_TABLE.get(type);
}

export interface Scalars {
  u8: number;
  i8: number;
  i32: number;
  u32: number;
  u64: number;
  f32: number;
  bool: boolean;
}

interface Vectors {
  'i32[]': Int32Array;
  'f32[]': Float32Array;
  'i64[]': BigInt64Array;
  data: Uint8Array;
  string: string;
}

/** Options of the type found in the slot before. */
export interface Options {
  readonly table: OptionsTable;
  readonly fields: Row<OptionsTable>;
}

type Value<T> = T extends keyof Scalars
  ? Scalars[T]
  : T extends keyof Vectors
    ? Vectors[T]
    : T extends 'options'
      ? Options
      : T extends `${infer E extends TableName}[]`
        ? readonly Row<E>[]
        : T extends TableName
          ? Row<T>
          : never;

type Fields<N extends TableName> = (typeof SCHEMA)[N];
type TypeOf<F> = F extends readonly [number, infer T, ...unknown[]] ? T : never;
type ScalarFields<N extends TableName> = {
  [F in keyof Fields<N>]: TypeOf<Fields<N>[F]> extends keyof Scalars ? F : never;
}[keyof Fields<N>];

/** A decoded table: scalars always carry a value (the schema's default where absent), the rest may be absent. */
export type Row<N extends TableName> = {
  readonly [F in ScalarFields<N>]: Value<TypeOf<Fields<N>[F]>>;
} & {
  readonly [F in Exclude<keyof Fields<N>, ScalarFields<N>>]?: Value<TypeOf<Fields<N>[F]>>;
};

/** A table to encode: what is left out is not written. */
export type Draft<N extends TableName> = {
  readonly [F in keyof Fields<N>]?: TypeOf<Fields<N>[F]> extends `${infer E extends TableName}[]`
    ? readonly Draft<E>[]
    : TypeOf<Fields<N>[F]> extends infer E extends TableName
      ? Draft<E>
      : TypeOf<Fields<N>[F]> extends 'options'
        ? { readonly table: OptionsTable; readonly fields: object }
        : Value<TypeOf<Fields<N>[F]>>;
};

/** One field as the codecs see it. */
export interface Field {
  readonly name: string;
  readonly slot: number;
  readonly type: string;
  readonly default: number;
}

const FIELDS = new Map<TableName, readonly Field[]>(
  Object.entries(SCHEMA).map(([table, fields]) => [
    table as TableName,
    Object.entries(fields as Record<string, readonly [number, string, number?]>).map(([name, [slot, type, value]]) => ({
      name,
      slot,
      type,
      default: value ?? 0,
    })),
  ]),
);

export function fieldsOf(table: TableName): readonly Field[] {
  return FIELDS.get(table)!;
}
