import type { Graph } from '../graph/graph';
import { definitionOf } from '../graph/ops/table';
import type { RuleTarget } from './rules';

/** The layers of a graph as rules see them. */
export function ruleTargets(graph: Graph): RuleTarget[] {
  return graph.ops.map((op) => ({
    id: op.id,
    name: op.sourceName || op.id,
    kind: op.kind,
    weighted: definitionOf(op).quant.kind === 'weighted',
  }));
}
