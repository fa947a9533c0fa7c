/**
 * The arithmetic of one runtime: every place where runtimes differ in rounding, and nothing else. Kernels walk tensors;
 * a profile says what number comes out. A further runtime (LiteRT's built-in kernels, TFLM) is one more file in profiles/.
 */
import type { Op, OpAttrs } from '../../core/graph/ops/attrs';
import type { Sampling } from '../../core/graph/spatial';

/** Parameters of a tensor quantized as a whole; `scale` holds a float32 value. */
export interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Smallest and largest code a kernel may write. */
export interface CodeRange {
  readonly min: number;
  readonly max: number;
}

export const INT8: CodeRange = { min: -128, max: 127 };

export function saturate(code: number, { min, max }: CodeRange = INT8): number {
  return code < min ? min : code > max ? max : code;
}

/** Turns int32 accumulators of all output channels of one pixel into codes at `offset` of `out`. */
export type Requantizer = (accumulators: Int32Array, out: Int8Array, offset: number) => void;

/** A code from a code (or from two): saturated. */
export type UnaryRule = (code: number) => number;
export type BinaryRule = (a: number, b: number) => number;

/** Ops that map one code to one code, whatever its neighbours. */
export type UnaryKind =
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'relu6'
  | 'reluN1To1'
  | 'relu0To1'
  | 'leakyRelu'
  | 'hardSwish'
  | 'elu'
  | 'gelu'
  | 'exp'
  | 'abs'
  | 'quantize';
export type BinaryKind = 'add' | 'sub' | 'mul' | 'prelu' | 'squaredDifference' | 'maximum' | 'minimum';

/** A row of codes along the last axis from another. */
export type RowRule = (row: Int8Array, out: Int8Array) => void;

export interface RequantizerSpec {
  readonly op: 'conv2d' | 'depthwiseConv2d' | 'transposeConv2d' | 'fullyConnected' | 'batchMatMul';
  readonly inputScale: number;
  /** One, or one per output channel. */
  readonly weightScales: Float32Array;
  readonly channels: number;
  /** Whether the weights are of four bits, two in a byte: runtimes have other kernels for these. */
  readonly packed?: boolean;
  readonly output: Affine;
  readonly range: CodeRange;
}

/** Source rows (or columns) and weight of the second one, for each output row (or column). */
export interface BilinearTaps {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly weight: Float64Array;
}

export interface Profile {
  /** For reports: "XNNPACK (float32 requantization)". */
  readonly name: string;
  /** Codes that the op's fused activation leaves. */
  activationRange(op: Op, output: Affine): CodeRange;
  requantizer(spec: RequantizerSpec): Requantizer;
  readonly unary: {
    readonly [K in UnaryKind]: (input: Affine, output: Affine, attrs: OpAttrs[K]) => UnaryRule;
  };
  readonly binary: {
    readonly [K in BinaryKind]: (a: Affine, b: Affine, output: Affine, range: CodeRange) => BinaryRule;
  };
  /** From the sum of `count` codes (zero points included) to the code of their mean. */
  mean(input: Affine, output: Affine, count: number): (sum: number) => number;
  /** The same within one pooling window, where parameters are shared. */
  averagePool(sum: number, count: number): number;
  /** From the sum of `count` codes to the code of that sum. */
  sum(input: Affine, output: Affine, count: number): (sum: number) => number;
  /** One row of codes, in place of probabilities. */
  softmax(input: Affine, output: Affine, beta: number): RowRule;
  logSoftmax(input: Affine, output: Affine): RowRule;
  l2Normalization(input: Affine, output: Affine): RowRule;
  bilinearTaps(length: number, size: number, sampling: Sampling): BilinearTaps;
  /** Code between four neighbours. */
  bilinear(topLeft: number, topRight: number, bottomLeft: number, bottomRight: number, x: number, y: number): number;
  /** real → code */
  quantize(output: Affine): (value: number) => number;
  /** code → real, as float32 */
  dequantize(input: Affine): (code: number) => number;
}
