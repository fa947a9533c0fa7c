/** What tensors are made of, for the graph and for the attributes of its ops alike. */

/** int4 constants are held as one code a byte; only files pack two of them. */
export type NumberType = 'float32' | 'float16' | 'int4' | 'int8' | 'uint8' | 'int16' | 'int32' | 'int64' | 'bool';

/** Types that nothing here computes with: they pass through from file to file. */
export type CarriedType =
  | 'string'
  | 'resource'
  | 'variant'
  | 'float64'
  | 'complex64'
  | 'complex128'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'bfloat16'
  | 'int2'
  | 'uint4'
  | 'float8_e4m3fn'
  | 'float8_e5m2';

export type DType = NumberType | CarriedType;

export type TensorData = Float32Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;

/** Dimensions, outermost first. -1 stands for the symbolic batch and occurs in activations' dimension 0 only. */
export type Shape = readonly number[];

export const BATCH = -1;

/** Unique within a Graph: the name the file gave it, suffixed where the file repeats one. */
export type TensorId = string;
/** Unique within a Graph, likewise. */
export type OpId = string;
