import type { Graph } from '../graph';
import type { Op } from '../ops/attrs';
import { validateGraph } from '../validate';
import { RULES, SHARED_RULES } from './layout/rules';
import { Sinker } from './layout/sinker';

/**
 * Moves transposes and reshapes down the graph until they meet their opposite, are absorbed by the weights behind them,
 * or are needed. A model computed on [N,C,H,W] with a transpose before and behind each op on images becomes one on
 * [N,H,W,C] without any. It computes the same values; graph inputs and outputs keep their ids and shapes. Linear in the
 * size of the graph.
 *
 * @param graph validated
 */
export function cancelTransposes(graph: Graph): Graph {
  return graph.ops.some(({ kind }) => kind === 'transpose') ? sinkLayouts(graph) : graph;
}

/** The same for graphs that only reshape: 1-D convolutions stand between two of these, as 2-D ones of height 1. */
export function sinkReshapes(graph: Graph): Graph {
  return graph.ops.filter(({ kind }) => kind === 'reshape').length > 1 ? sinkLayouts(graph) : graph;
}

function sinkLayouts(graph: Graph): Graph {
  const sinker = new Sinker(graph);
  return validateGraph(
    sinker.run((op) => {
      const rule = RULES[op.kind] ?? SHARED_RULES.find(([kinds]) => kinds.has(op.kind))?.[1];
      return rule ? (rule as (op: Op, at: Sinker) => boolean)(op, sinker) : false;
    }),
  );
}
