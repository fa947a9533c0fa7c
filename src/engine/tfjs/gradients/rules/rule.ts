import { where, zerosLike, type Tensor } from '@tensorflow/tfjs-core';
import type { Op, OpKind } from '../../../../core/graph/ops/attrs';

/** One op on the way back. */
export interface Backward<K extends OpKind = OpKind> {
  readonly op: Op<K>;
  /** Gradient of the loss with respect to each output before its fused activation; null where the loss ignores it. */
  readonly dys: readonly (Tensor | null)[];
  /** As the kernel took them (constants rearranged); null for an absent optional one. */
  readonly inputs: readonly (Tensor | null)[];
  /** As the kernel gave them, fused activation included. */
  readonly outputs: readonly Tensor[];
  /** Which inputs' gradients are wanted. */
  readonly wanted: readonly boolean[];
}

/**
 * Gradients with respect to the inputs wanted, in the Graph's layout also where the kernel takes another; anything for the
 * others. Called inside a tidy on the wasm backend; dys and inputs are left unchanged.
 */
export type Rule<K extends OpKind> = (step: Backward<K>) => readonly (Tensor | null)[];

/** A rule for one input and one output. */
export function unary<K extends OpKind>(rule: (dy: Tensor, x: Tensor, y: Tensor, op: Op<K>) => Tensor): Rule<K> {
  return ({ op, dys, inputs, outputs }) => [rule(dys[0]!, inputs[0]!, outputs[0], op)];
}

/**
 * A gradient where a function has one, zero at its poles. Rounding puts values on zero that were none before, such as a
 * variance; its clipped result has no slope there, and zero times infinity would make every gradient before it NaN.
 */
export function zeroUnless(hasSlope: Tensor, gradient: Tensor): Tensor {
  return where(hasSlope, gradient, zerosLike(gradient));
}
