/** Which activations must have the same scale and zero point, and where the parameters of each such group come from. */
import { consumers, producers, tensorOf, type Graph, type QuantParams, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { definitionOf } from '../graph/ops/table';
import { isReal } from './whole-numbers';

export interface Sharing {
  /** The tensor whose distribution decides for `id`: itself, unless it shares. */
  sourceOf(id: TensorId): TensorId;
  /** All that share with a source, the source first. */
  membersOf(source: TensorId): readonly TensorId[];
  /** Concatenations of which an input keeps its own parameters and is requantized, in words. */
  readonly notes: readonly string[];
}

/** Disjoint groups of tensors, each with one source. */
class Groups implements Sharing {
  private readonly source = new Map<TensorId, TensorId>();
  private readonly members = new Map<TensorId, TensorId[]>();
  readonly notes: string[] = [];

  sourceOf(id: TensorId): TensorId {
    return this.source.get(id) ?? id;
  }

  membersOf(source: TensorId): readonly TensorId[] {
    return this.members.get(source) ?? [source];
  }

  /** The group of `id` takes the parameters of `to`'s group. */
  join(id: TensorId, to: TensorId): void {
    const source = this.sourceOf(to);
    const old = this.sourceOf(id);
    if (source === old) return;
    const joined = this.membersOf(old);
    this.members.set(source, [...this.membersOf(source), ...joined]);
    this.members.delete(old);
    for (const member of joined) this.source.set(member, source);
  }
}

/**
 * Ops that only move or select values hand their input's parameters on. A concatenation decides for its inputs where
 * their producers are free to choose and nothing else reads them; elsewhere the input is requantized.
 *
 * @param quantized whether an op runs in integers
 * @param isPinned whether a person fixed this tensor's range
 * @param storedParams what the file that was opened gives a tensor; two that differ are not made one
 */
export function shareParameters(
  graph: Graph,
  quantized: (op: Op) => boolean,
  isPinned: (id: TensorId) => boolean,
  storedParams: (id: TensorId) => QuantParams | undefined = () => undefined,
): Sharing {
  const groups = new Groups();
  const storedOf = (id: TensorId) => {
    for (const member of groups.membersOf(groups.sourceOf(id))) {
      const params = storedParams(member);
      if (params) return `${params.scale.join()}/${params.zeroPoint.join()}`;
    }
    return undefined;
  };
  const mayShare = (a: TensorId, b: TensorId) => {
    const [x, y] = [storedOf(a), storedOf(b)];
    return x === undefined || y === undefined || x === y;
  };
  const producerOf = producers(graph);
  const consumersOf = consumers(graph);
  const sameScale = graph.ops.filter((op) => quantized(op) && definitionOf(op).quant.kind === 'same-scale');
  const dynamicInputs = (op: Op): TensorId[] =>
    op.inputs.filter((id): id is TensorId => id !== null && !tensorOf(graph, id).data && isReal(graph, id));
  const isFixed = (id: TensorId): boolean => {
    const op = producerOf.get(groups.sourceOf(id));
    return op !== undefined && quantized(op) && definitionOf(op).quant.kind === 'fixed-output';
  };

  for (const op of sameScale) {
    const [input, ...others] = new Set(dynamicInputs(op));
    if (input !== undefined && others.length === 0)
      for (const output of op.outputs) if (isReal(graph, output) && mayShare(output, input)) groups.join(output, input);
  }

  /** Nothing but `op` and ops within the group reads any member, and its source's producer may choose. */
  const mayAdopt = (id: TensorId, op: Op): boolean => {
    const source = groups.sourceOf(id);
    const producer = producerOf.get(source);
    if (!producer || !quantized(producer) || isFixed(source)) return false;
    return groups
      .membersOf(source)
      .every(
        (member) =>
          !isPinned(member) &&
          !graph.outputs.includes(member) &&
          (consumersOf.get(member) ?? []).every(
            (reader) => reader === op || reader.outputs.some((output) => groups.sourceOf(output) === source),
          ),
      );
  };

  for (const op of sameScale) {
    const inputs = [...new Set(dynamicInputs(op))];
    if (inputs.length < 2) continue;
    const [output] = op.outputs;
    const [first] = inputs;
    if (
      inputs.every(isFixed) &&
      new Set(inputs.map((id) => fixedKey(producerOf.get(groups.sourceOf(id))))).size === 1
    ) {
      groups.join(output, first);
      continue;
    }
    const kept: TensorId[] = [];
    for (const input of inputs) {
      if (mayAdopt(input, op) && mayShare(input, output)) groups.join(input, output);
      else if (groups.sourceOf(input) !== groups.sourceOf(output)) kept.push(input);
    }
    if (kept.length > 0) groups.notes.push(`${kept.join(', ')} requantized to the scale of ${op.sourceName || op.id}`);
  }
  return groups;
}

function fixedKey(op: Op | undefined): string {
  const rule = op && definitionOf(op).quant;
  return rule?.kind === 'fixed-output' ? `${rule.scale}/${rule.zeroPoint}` : '';
}
