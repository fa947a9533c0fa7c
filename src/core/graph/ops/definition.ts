import type { DType, Shape, Tensor } from '../graph';
import type { Op, OpAttrs, OpKind } from './attrs';

/** How an op constrains the quantization parameters of its output (LiteRT 8-bit quantization spec). */
export type QuantRule =
  /** Has its own weights and bias: weights per channel (axis given) symmetric, bias int32 with s_in·s_w. */
  | { readonly kind: 'weighted'; readonly weightInput: number; readonly biasInput: number; readonly axis: number }
  /**
   * Several matrices with one scale each, and biases of int32 for the first ones, in their order. The first output's range is
   * chosen freely; the second, the cell, is int16 at a power of two.
   */
  | { readonly kind: 'recurrent'; readonly weightInputs: readonly number[]; readonly biasInputs: readonly number[] }
  /** Inputs and output share scale and zero point exactly. */
  | { readonly kind: 'same-scale' }
  /** Output parameters are prescribed by the kernel. */
  | { readonly kind: 'fixed-output'; readonly scale: number; readonly zeroPoint: number }
  /** Output range is chosen freely; the kernel rescales. */
  | { readonly kind: 'free' }
  /** LiteRT has no int8 kernel: the op stays in float between DEQUANTIZE and QUANTIZE. */
  | { readonly kind: 'float-only'; readonly reason: string }
  /** Not part of a quantizable graph: folded or dropped by a pass before. */
  | { readonly kind: 'not-applicable' };

/** The definition of one kind, written once for several kinds that behave alike. */
export type SharedDefinition<Group extends OpKind, K extends Group> = OpDefinition<Group> & { readonly kind: K };

export interface ShapeContext {
  /** Input shapes in op order; null for an absent optional input. */
  readonly shapes: readonly (Shape | null)[];
  readonly tensors: readonly (Tensor | null)[];
}

/** Everything the core knows about one op kind. Engines add how they run it, in tables keyed by the same kinds. */
export interface OpDefinition<K extends OpKind = OpKind> {
  readonly kind: K;
  /** For people: "Conv 2D". */
  readonly label: string;
  /** [minimum, maximum] number of inputs, absent optional ones included. */
  readonly arity: readonly [number, number];
  /** Which inputs are trained constants (weights, bias, batch-norm statistics, alpha). */
  readonly weightInputs: readonly number[];
  /** Output shapes; throws RangefinderError 'invalid-graph' where inputs and attributes disagree. */
  readonly shape: (op: Op<K>, context: ShapeContext) => Shape[];
  /** The attributes with axes counted from the front, in ascending order where order means nothing. */
  readonly canonicalAttrs?: (op: Op<K>, context: ShapeContext) => OpAttrs[K];
  /** Types of the outputs by those of the inputs that are there; that of the first input where left out. */
  readonly types?: (attrs: OpAttrs[K], inputs: readonly DType[]) => readonly DType[];
  /** Multiply-accumulates for one sample, from input and output shapes. 0 for ops that do none. */
  readonly macs: (op: Op<K>, inputs: readonly (Shape | null)[], outputs: readonly Shape[]) => number;
  readonly quant: QuantRule;
}
