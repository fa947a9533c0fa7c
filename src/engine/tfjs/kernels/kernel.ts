import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../../../core/graph/graph';
import type { Op, OpKind } from '../../../core/graph/ops/attrs';

/** How tfjs runs one op kind. Called inside a tidy: temporaries need no disposal. */
export interface Kernel<K extends OpKind> {
  /**
   * Input index → rearrangement from the Graph's layout into the one `run` takes (OHWI filters into tfjs' HWIO). Done once,
   * at load, for constants.
   */
  readonly arrange?: Readonly<Record<number, (x: Tensor, op: Op<K>) => Tensor>>;
  /** `run` applies `op.activation` itself. */
  readonly activates?: true;
  /** @param inputs in op order; null for an absent optional one */
  readonly run: (inputs: readonly (Tensor | null)[], op: Op<K>, context: KernelContext) => Tensor | Tensor[];
}

export interface KernelContext {
  /** Of the outputs, as the Graph has them: the batch may be symbolic. */
  readonly outputShapes: readonly Shape[];
}

/** An input that is never absent. */
export function present(inputs: readonly (Tensor | null)[], index: number): Tensor {
  const input = inputs[index];
  if (!input) throw new Error(`input ${index} is missing`); // refused by the graph's validation
  return input;
}

/** A kernel of one input. */
export function unary<K extends OpKind>(run: (x: Tensor, op: Op<K>, context: KernelContext) => Tensor): Kernel<K> {
  return { run: (inputs, op, context) => run(present(inputs, 0), op, context) };
}

/** A kernel of two inputs. */
export function binary<K extends OpKind>(run: (a: Tensor, b: Tensor) => Tensor): Kernel<K> {
  return { run: (inputs) => run(present(inputs, 0), present(inputs, 1)) };
}
