import { producers, type Graph, type OpId } from '../graph/graph';
import { definitionOf } from '../graph/ops/table';

/** Ops of a normalized graph into whose weights a batch normalization right behind them was folded. */
export function batchNormalized(source: Graph, normalized: Graph): Set<OpId> {
  const producerOf = producers(source);
  const kept = new Map(normalized.ops.map((op) => [op.id, op]));
  const ids = new Set<OpId>();
  for (const norm of source.ops) {
    if (norm.kind !== 'batchNorm' || kept.has(norm.id)) continue;
    let op = producerOf.get(norm.inputs[0]!);
    while (op?.kind === 'identity') op = producerOf.get(op.inputs[0]!);
    const folded = op && kept.get(op.id);
    if (folded && definitionOf(folded).quant.kind === 'weighted') ids.add(folded.id);
  }
  return ids;
}
