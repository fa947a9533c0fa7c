import { lookup } from '../../base/lookup';
import { weightedLayers, type WeightedLayer } from '../algorithms/layer';
import type { Graph, OpId } from '../graph/graph';
import { ruleTargets } from '../quantize/rule-targets';
import { ruledLayers } from '../quantize/rules';
import type { QuantSettings } from '../quantize/settings';

export interface SearchedLayers {
  readonly varied: readonly WeightedLayer[];
  /** Layers with weights that are left as they are. */
  readonly fixed: readonly { readonly op: OpId; readonly reason: string }[];
}

/** Which layers a search may change: those with weights, unless a rule has decided about them. */
export function searchedLayers(graph: Graph, { rules = [] }: QuantSettings): SearchedLayers {
  const ruled = ruledLayers(rules, ruleTargets(graph));
  const seen = new Set<string>();
  const varied: WeightedLayer[] = [];
  const fixed: { op: OpId; reason: string }[] = [];
  for (const layer of weightedLayers(graph)) {
    const { op, weightId } = layer;
    const { keepFloat, weightFormat, activationFormat } = lookup(ruled, op.id) ?? {};
    if (keepFloat || weightFormat !== undefined || activationFormat !== undefined)
      fixed.push({ op: op.id, reason: 'a rule decides its format' });
    else if (seen.has(weightId)) fixed.push({ op: op.id, reason: 'it shares its weights with a layer before it' });
    else varied.push(layer);
    seen.add(weightId);
  }
  return { varied, fixed };
}
