import { tensorOf, type Graph, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';

/** A tensor of real numbers, which may be quantized; others hold indices and are left as they are. */
export function isReal(graph: Graph, id: TensorId): boolean {
  return tensorOf(graph, id).dtype === 'float32';
}

/** Whether an op computes indices from indices. */
export function isWhole(graph: Graph, op: Op): boolean {
  return [...op.inputs, ...op.outputs].every((id) => id === null || !isReal(graph, id));
}
