import type { Graph } from '../graph/graph';
import { definitionOf } from '../graph/ops/table';
import type { RuleTarget } from './rules';

/** The layers of a graph, and then its inputs, as rules see them. */
export function ruleTargets(graph: Graph): RuleTarget[] {
  const layers = graph.ops.map((op) => ({
    id: op.id,
    name: op.sourceName || op.id,
    kind: op.kind,
    weighted: definitionOf(op).quant.kind === 'weighted',
  }));
  const inputs = graph.inputs.map((id) => ({ id, name: id, kind: 'input' as const, weighted: false }));
  return [...layers, ...inputs];
}
