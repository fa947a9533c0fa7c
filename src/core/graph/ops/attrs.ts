/** Attributes of each op kind. The union of op kinds is derived from this map; `table.ts` describes what they do. */
import type { DType, OpId, Shape, TensorId } from '../tensor-types';

/** TensorFlow's rule: SAME pads so that out = ceil(in / stride), the odd pixel at the bottom/right. */
export type Padding = 'same' | 'valid';
export type Pair = readonly [number, number];
/** Activation a producing op applies to its own output, as TensorFlow Lite fuses it. */
export type FusedActivation = 'none' | 'relu' | 'relu6' | 'reluN1To1';

interface Window {
  readonly filter: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
}
type None = Readonly<Record<never, never>>;

/** Pairs are [height, width]. Axes and dimensions are non-negative once a graph is validated. */
export interface OpAttrs {
  /** inputs: x NHWC, filter [O,KH,KW,I/groups], bias [O] | null */
  conv2d: { readonly strides: Pair; readonly padding: Padding; readonly dilations: Pair; readonly groups: number };
  /** inputs: x NHWC, filter [1,KH,KW,I·multiplier], bias [O] | null */
  depthwiseConv2d: {
    readonly strides: Pair;
    readonly padding: Padding;
    readonly dilations: Pair;
    readonly multiplier: number;
  };
  /** inputs: x NHWC, filter [O,KH,KW,I], bias [O] | null. outputSize is [H,W]. */
  transposeConv2d: { readonly strides: Pair; readonly padding: Padding; readonly outputSize: Pair };
  /** inputs: x […,I], weights [O,I], bias [O] | null. keepDims false flattens x to [N,I] first, as TFLite does. */
  fullyConnected: { readonly keepDims: boolean };
  /** inputs: x, gamma | null, beta | null, mean, variance; over the last axis */
  batchNorm: { readonly epsilon: number };
  /**
   * A long short-term memory over a sequence, from a state of zero: sigmoid gates, tanh for candidate and output.
   * inputs: x [N,T,I], input weights [U,I] of the gates input, forget, candidate and output, recurrent weights [U,U] and biases
   * [U] likewise. outputs: the output of every step [N,T,U], and the cell of every step, which no file hands out.
   * cellClip bounds the cell; 0: none.
   */
  lstm: { readonly cellClip: number };
  add: None;
  sub: None;
  mul: None;
  div: None;
  maximum: None;
  minimum: None;
  /** The first input raised to the power of the second. */
  pow: None;
  /** (a − b)² */
  squaredDifference: None;
  /** The quotient rounded down, and what it leaves, of the divisor's sign. */
  floorDiv: None;
  floorMod: None;
  /** Comparisons of two values; the result is of type bool. */
  equal: None;
  notEqual: None;
  less: None;
  lessEqual: None;
  greater: None;
  greaterEqual: None;
  /** inputs and outputs: bool */
  logicalAnd: None;
  logicalOr: None;
  logicalNot: None;
  /** inputs: condition bool, values where it holds, values where it does not; all broadcast. */
  select: None;
  /**
   * inputs: x […,M,K], y […,K,N], leading dimensions broadcast. A flag says that the input's last two dimensions are
   * swapped, […,K,M] and […,N,K].
   */
  batchMatMul: { readonly transposeX: boolean; readonly transposeY: boolean };
  concat: { readonly axis: number };
  /** Joins inputs of one shape along a new axis. */
  pack: { readonly axis: number };
  /** One output for each index of the axis, which is dropped. */
  unpack: { readonly axis: number };
  /** inputs: x, indices int32. Replaces the axis of x by the dimensions of the indices. */
  gather: { readonly axis: number };
  /** inputs: x, indices int32 […,n]. Each tuple of n indices picks a value or slice of the first n dimensions of x. */
  gatherNd: None;
  /** numpy's broadcast of x to this shape, -1 in front standing for the batch. */
  broadcastTo: { readonly shape: readonly number[] };
  /** The order along these axes turned round. */
  reverse: { readonly axes: readonly number[] };
  /** How often each dimension is repeated. */
  tile: { readonly repeats: readonly number[] };
  averagePool2d: Window;
  maxPool2d: Window;
  /** inputs: x */
  mean: { readonly axes: readonly number[]; readonly keepDims: boolean };
  reduceMax: { readonly axes: readonly number[]; readonly keepDims: boolean };
  reduceMin: { readonly axes: readonly number[]; readonly keepDims: boolean };
  sum: { readonly axes: readonly number[]; readonly keepDims: boolean };
  reduceProd: { readonly axes: readonly number[]; readonly keepDims: boolean };
  /** Of type bool: whether any value, or all, along the axes hold. */
  reduceAny: { readonly axes: readonly number[]; readonly keepDims: boolean };
  reduceAll: { readonly axes: readonly number[]; readonly keepDims: boolean };
  /** Sums along the axis up to each value, which `exclusive` leaves out; `reverse` begins at the end. */
  cumsum: { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean };
  /** Position of the largest (smallest) value along the axis, which is dropped; the first of equal ones. */
  argMax: { readonly axis: number; readonly to: 'int32' | 'int64' };
  argMin: { readonly axis: number; readonly to: 'int32' | 'int64' };
  /** The k largest values along the last axis, largest first, and their positions (int32): two outputs. */
  topK: { readonly k: number };
  /** Also flatten, squeeze and expand-dims. At most one -1 besides or as the batch. */
  reshape: { readonly shape: readonly number[] };
  /** [before, after] for each dimension, filled with `value` (real, not quantized). */
  pad: { readonly paddings: readonly Pair[]; readonly value: number };
  /** [before, after] for each dimension, filled by mirroring; 'reflect' leaves out the border, 'symmetric' repeats it. */
  mirrorPad: { readonly paddings: readonly Pair[]; readonly mode: 'reflect' | 'symmetric' };
  /** Over the last axis: softmax(beta · x). */
  softmax: { readonly beta: number };
  sigmoid: None;
  tanh: None;
  relu: None;
  relu6: None;
  leakyRelu: { readonly alpha: number };
  /** inputs: x, alpha broadcast over leading dimensions */
  prelu: None;
  hardSwish: None;
  elu: None;
  reluN1To1: None;
  relu0To1: None;
  /** x · Φ(x), Φ of the normal distribution or, approximate, by tanh. */
  gelu: { readonly approximate: boolean };
  /** log(softmax(x)) over the last axis. */
  logSoftmax: None;
  /** x / max(‖x‖₂, 1e-6) over the last axis. */
  l2Normalization: None;
  exp: None;
  log: None;
  sqrt: None;
  rsqrt: None;
  square: None;
  abs: None;
  neg: None;
  floor: None;
  ceil: None;
  /** To the nearest whole number, halves to the even one. */
  round: None;
  sign: None;
  sin: None;
  cos: None;
  resizeBilinear: { readonly size: Pair; readonly alignCorners: boolean; readonly halfPixelCenters: boolean };
  resizeNearest: { readonly size: Pair; readonly alignCorners: boolean; readonly halfPixelCenters: boolean };
  transpose: { readonly permutation: readonly number[] };
  /** size -1 means up to the end; along a symbolic batch it is the only size, from 0. */
  slice: { readonly begin: readonly number[]; readonly size: readonly number[] };
  /**
   * Masks and negative positions already resolved by the reader: begin and end count from the front, a descending slice
   * down to the first value ends at -1. Along a symbolic batch only 0:-1:1, all of it. Shrunken axes are listed: one value
   * is taken there and the dimension dropped from the output.
   */
  stridedSlice: {
    readonly begin: readonly number[];
    readonly end: readonly number[];
    readonly strides: readonly number[];
    readonly shrinkAxes: readonly number[];
  };
  /** As many outputs as sizes. */
  split: { readonly axis: number; readonly sizes: readonly number[] };
  spaceToDepth: { readonly blockSize: number };
  depthToSpace: { readonly blockSize: number };
  /**
   * Pads the dimensions behind the first, then moves every block[0] × block[1]th pixel to an image of its own: the images of
   * one offset in the block stand together in the first dimension. Batches have to be of fixed size.
   */
  spaceToBatch: { readonly block: readonly number[]; readonly paddings: readonly Pair[] };
  /** The inverse, cropped. */
  batchToSpace: { readonly block: readonly number[]; readonly crops: readonly Pair[] };
  /** To another type; numbers lose their fraction towards zero when they become whole. */
  cast: { readonly to: DType };
  /**
   * An operator that the Graph does not model. Any number of inputs and outputs; it is not computed, and a file of the
   * format it came from gets it back as it was.
   */
  opaque: {
    /** As its format calls it: "WHILE", "CUSTOM FlexErf". */
    readonly operator: string;
    /** Why it is not computed, to continue "…, which Rangefinder cannot compute: ". */
    readonly reason: string;
    /** Of the outputs, as the file declares them. */
    readonly shapes: readonly Shape[];
    /** What the format needs to write the operator again. */
    readonly payload: object;
  };
  /** Dropped by a pass. */
  identity: None;
  /** Between float and integer regions; parameters sit on the tensors. quantize also requantizes int8 → int8. */
  quantize: None;
  dequantize: None;
}

export type OpKind = keyof OpAttrs;

interface OpOf<K extends OpKind> {
  readonly id: OpId;
  readonly kind: K;
  readonly attrs: OpAttrs[K];
  /** null where an optional input is absent. */
  readonly inputs: readonly (TensorId | null)[];
  readonly outputs: readonly TensorId[];
  readonly activation: FusedActivation;
  /** The name the source file gave the layer or node, for people. */
  readonly sourceName: string;
}

export type Op<K extends OpKind = OpKind> = { [P in K]: OpOf<P> }[K];
