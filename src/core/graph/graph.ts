/**
 * The intermediate representation every format reads into and writes from.
 *
 * Immutable by convention: passes return a new Graph and share what they did not touch. Layouts are TensorFlow Lite's:
 * activations NHWC, conv2d and transposeConv2d filters OHWI, depthwise filters [1,H,W,O], fullyConnected weights [O,I].
 */
import type { Op } from './ops/attrs';
import {
  BATCH,
  type DType,
  type NumberType,
  type OpId,
  type Shape,
  type TensorData,
  type TensorId,
} from './tensor-types';

export { BATCH, type DType, type NumberType, type OpId, type Shape, type TensorData, type TensorId };

/** real = scale × (q − zeroPoint); one scale per tensor, or one per index of `quantizedDimension`. */
export interface QuantParams {
  readonly scale: Float32Array;
  readonly zeroPoint: Int32Array;
  readonly quantizedDimension: number;
}

export interface StoredAs {
  readonly dtype: DType;
  readonly quant: QuantParams;
}

export interface Tensor {
  readonly id: TensorId;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Present on constants. float16 constants are widened on read and carry dtype float32. */
  readonly data?: TensorData;
  readonly quant?: QuantParams;
  /**
   * What the file keeps this tensor as, where it was turned into real numbers: of constants the codes' type and parameters,
   * of activations the range they have in the file. Shown, and taken over when the model is quantized again.
   */
  readonly storedAs?: StoredAs;
  /**
   * Present where the Graph has no form for the tensor (a variable, sparse or string content, a shape that is open in more
   * than the batch): what its own format needs to write it again. Only opaque ops read and write such tensors.
   */
  readonly carried?: object;
}

export interface Signature {
  readonly key: string;
  /** Signature name → tensor. */
  readonly inputs: Readonly<Record<string, TensorId>>;
  readonly outputs: Readonly<Record<string, TensorId>>;
}

/** A state of a recurrent layer: what comes out of it goes in again with the next piece of the sequence. */
export interface CarriedState {
  readonly input: TensorId;
  readonly output: TensorId;
}

/** (value − mean) / std of values in 0..255; each of one number, or of one by channel. */
export interface InputNormalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Where a Graph came from, and what has to be carried through to an exported file. */
export interface Provenance {
  readonly format: 'tflite' | 'keras-h5' | 'keras' | 'tfjs-layers' | 'tfjs-graph' | 'onnx' | 'built';
  readonly fileName: string;
  /** Bytes of all source files together. */
  readonly fileBytes: number;
  /** For instance "Keras 2.3.0", as the file says. */
  readonly producer?: string;
  readonly description?: string;
  readonly signatures: readonly Signature[];
  /** How the file says that bytes of an image become its first input. */
  readonly inputNormalization?: InputNormalization;
  /** Names of the classes in the order of the output's values, where the file has them. */
  readonly classNames?: readonly string[];
  /** Files packed behind a TensorFlow Lite model, which its metadata refers to. */
  readonly packedFiles?: ReadonlyMap<string, Uint8Array>;
  /** Inputs and outputs that are states; samples have none. */
  readonly states?: readonly CarriedState[];
  /** TensorFlow Lite metadata entries, name → raw bytes, kept untouched. */
  readonly metadata: Readonly<Record<string, Uint8Array>>;
  /** What else an exported file of the same format has to hold: the graphs that opaque ops enter. */
  readonly carried?: object;
  /** What the reader changed or assumed, in words fit for the page ("float16 weights widened to float32"). */
  readonly notes: readonly string[];
}

export interface Graph {
  readonly name: string;
  readonly tensors: ReadonlyMap<TensorId, Tensor>;
  /** In topological order once validated. */
  readonly ops: readonly Op[];
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
  readonly provenance: Provenance;
}

export function tensorOf(graph: Graph, id: TensorId): Tensor {
  const tensor = graph.tensors.get(id);
  if (!tensor) throw new Error(`no tensor "${id}" in graph "${graph.name}"`); // a validated graph cannot get here
  return tensor;
}

export function isConstant(graph: Graph, id: TensorId): boolean {
  return tensorOf(graph, id).data !== undefined;
}

/** Number of elements; a symbolic batch counts as `batch`. A scalar has one. */
export function elementCount(shape: Shape, batch = 1): number {
  return shape.reduce((n, d) => n * (d === BATCH ? batch : d), 1);
}

/** The shape with its symbolic batch made concrete. */
export function withBatch(shape: Shape, batch: number): number[] {
  return shape.map((d) => (d === BATCH ? batch : d));
}

/** Tensor → the op that writes it. */
export function producers(graph: Graph): Map<TensorId, Op> {
  const map = new Map<TensorId, Op>();
  for (const op of graph.ops) for (const id of op.outputs) map.set(id, op);
  return map;
}

/** Tensor → the ops that read it, in graph order. */
export function consumers(graph: Graph): Map<TensorId, Op[]> {
  const map = new Map<TensorId, Op[]>();
  for (const op of graph.ops)
    for (const id of op.inputs) {
      if (id === null) continue;
      const list = map.get(id);
      if (!list) map.set(id, [op]);
      else if (!list.includes(op)) list.push(op);
    }
  return map;
}
