import { tidy, type Tensor } from '@tensorflow/tfjs-core';
import { tensorOf, type Graph } from '../../core/graph/graph';
import type { Op } from '../../core/graph/ops/attrs';
import { decideTies } from './fake-quant/average-pool';
import type { ActivationRounding } from './fake-quant/rounding';
import { activate } from './kernels/activation';
import { kernelOf } from './kernels/table';

/** What an op reads: constants lie as the kernel wants them, activations as the Graph does. */
export interface Operand {
  readonly value: Tensor;
  readonly isArranged: boolean;
}

/**
 * One op as every walk over a Graph computes it, whether in float, simulated or trained: its kernel, its fused activation,
 * and for an average the rounding of ties that integer kernels have. The results are the caller's.
 * @param operands by input; null where the op has none
 * @param grid what the caller is going to round the first output to
 */
export function runOp(
  graph: Graph,
  op: Op,
  operands: readonly (Operand | null)[],
  grid: ActivationRounding | undefined,
): Tensor[] {
  const kernel = kernelOf(op.kind);
  const context = { outputShapes: op.outputs.map((id) => tensorOf(graph, id).shape) };
  return tidy(() => {
    const inputs = operands.map((operand, index) => {
      if (!operand) return null;
      const { value, isArranged } = operand;
      return isArranged ? value : (kernel.arrange?.[index]?.(value, op) ?? value);
    });
    const results = [kernel.run(inputs, op, context)].flat();
    const activated = kernel.activates ? results : results.map((y) => activate(y, op.activation));
    return op.kind === 'averagePool2d' ? [decideTies(activated[0], op, grid)] : activated;
  });
}
