/** Which roundings of activations belong to which layer, for whoever switches layers on and off one at a time. */
import { lookup } from '../../base/lookup';
import { tensorOf, type Graph, type OpId, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import type { QuantPlan } from './plan';
import { isReal } from './whole-numbers';

function activationsOf(graph: Graph, op: Op): TensorId[] {
  const inputs = op.inputs.filter(
    (id): id is TensorId => id !== null && !tensorOf(graph, id).data && isReal(graph, id),
  );
  return [...new Set(inputs)];
}

/**
 * The layers of a plan with the tensors whose rounding is theirs:
 *
 * - a layer's outputs, and what ops that only hand values on (pooling, reshaping, padding) make of them;
 * - of the layer that reads it, a graph input, for nobody else computes that;
 * - of a concatenation and its like, the inputs it prescribes its own scale, too: their rounding would come back with it.
 *
 * Ops that hand on one tensor's values are no layers of their own, nor are ops without a planned output.
 */
export function ownTensors(graph: Graph, plan: QuantPlan): ReadonlyMap<OpId, readonly TensorId[]> {
  /** Where the values of a tensor come from, for those that are handed on. */
  const source = new Map<TensorId, TensorId>();
  const layers: Op[] = [];
  for (const op of graph.ops) {
    const inputs = activationsOf(graph, op);
    const sameScale = definitionOf(op).quant.kind === 'same-scale';
    if (sameScale && inputs.length === 1) {
      for (const output of op.outputs) source.set(output, source.get(inputs[0]) ?? inputs[0]);
    } else if (lookup(plan.activations, op.outputs[0])) layers.push(op);
  }
  const handedOn = new Map<TensorId, TensorId[]>();
  for (const [id, from] of source) handedOn.set(from, [...(handedOn.get(from) ?? []), id]);
  const withFollowers = (id: TensorId) => [id, ...(handedOn.get(id) ?? [])];
  const groupOf = (id: TensorId) => lookup(plan.activations, id)?.sharedWith ?? id;

  return new Map(
    layers.map((op) => {
      const own = op.outputs.flatMap(withFollowers);
      const prescribes = definitionOf(op).quant.kind === 'same-scale';
      for (const input of activationsOf(graph, op)) {
        const from = source.get(input) ?? input;
        const shares = prescribes && groupOf(from) === groupOf(op.outputs[0]);
        if (graph.inputs.includes(from) || shares) own.push(...withFollowers(from));
      }
      return [op.id, [...new Set(own)].filter((id) => lookup(plan.activations, id))] as const;
    }),
  );
}
