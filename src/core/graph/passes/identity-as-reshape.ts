import { tensorOf, type Graph } from '../graph';
import type { Op } from '../ops/attrs';

/** Identities that have to stay, between a graph's input and its output, become reshapes: files have no op that does nothing. */
export function identityAsReshape(graph: Graph): Graph {
  if (!graph.ops.some(({ kind }) => kind === 'identity')) return graph;
  const reshaped = (op: Op): Op =>
    op.kind === 'identity' ? { ...op, kind: 'reshape', attrs: { shape: tensorOf(graph, op.inputs[0]!).shape } } : op;
  return { ...graph, ops: graph.ops.map(reshaped) };
}
