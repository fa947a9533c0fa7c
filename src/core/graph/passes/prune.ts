import type { Graph, TensorId } from '../graph';
import type { Op } from '../ops/attrs';

/**
 * Removes ops that no graph output depends on, and tensors that nothing refers to. Opaque ops stay: who knows what they do
 * besides. Expects topological order.
 */
export function prune(graph: Graph): Graph {
  const needed = new Set<TensorId>(graph.outputs);
  const kept = new Set<Op>();
  for (const op of graph.ops.toReversed()) {
    if (op.kind !== 'opaque' && !op.outputs.some((id) => needed.has(id))) continue;
    kept.add(op);
    for (const id of op.inputs) if (id !== null) needed.add(id);
  }
  const used = new Set([...needed, ...graph.inputs]);
  for (const op of kept) for (const id of op.outputs) used.add(id);
  if (kept.size === graph.ops.length && used.size === graph.tensors.size) return graph;
  return {
    ...graph,
    ops: graph.ops.filter((op) => kept.has(op)),
    tensors: new Map([...graph.tensors].filter(([id]) => used.has(id))),
  };
}
