/** Which activations must have the same scale and zero point, and where the parameters of each such group come from. */
import type { Range } from '../calibration/types';
import { representableRange } from '../numerics/affine';
import { INT8_ACTIVATION } from '../number-formats/format';
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

/** What is known of tensors by themselves. */
export interface SharingFacts {
  /** Whether a person fixed this tensor's range. */
  readonly isPinned: (id: TensorId) => boolean;
  /** The values a tensor was seen to take. */
  readonly reachOf: (id: TensorId) => Range | undefined;
  /** What the file that was opened gives a tensor; two that differ are not made one. */
  readonly storedParams?: (id: TensorId) => QuantParams | undefined;
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
 * A constant beside an input counts as an input of its own where the input's values do not reach as far as it does: then
 * the output's own statistics, which hold both, decide.
 *
 * @param quantized whether an op runs in integers
 */
export function shareParameters(
  graph: Graph,
  quantized: (op: Op) => boolean,
  { isPinned, reachOf, storedParams = () => undefined }: SharingFacts,
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

  /** What the codes of a tensor reach: what its kernel prescribes, or what was seen. */
  const rangeFor = (id: TensorId): Range | undefined => {
    const source = groups.sourceOf(id);
    const rule = isFixed(id) && definitionOf(producerOf.get(source)!).quant;
    return rule && rule.kind === 'fixed-output' ? representableRange(rule, INT8_ACTIVATION) : reachOf(source);
  };
  const joinsConstants = new Set<Op>();
  for (const op of sameScale) {
    const [input, ...others] = new Set(dynamicInputs(op));
    if (input === undefined) continue;
    if (!coversConstants(graph, op, rangeFor(input))) joinsConstants.add(op);
    else if (others.length === 0)
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
    if (inputs.length < 2 && !joinsConstants.has(op)) continue;
    const [output] = op.outputs;
    const [first] = inputs;
    if (
      !joinsConstants.has(op) &&
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

/** Whether the constants that an op joins to its one input, its padding among them, lie where the input's values do. */
function coversConstants(graph: Graph, op: Op, reach: Range | undefined): boolean {
  const constants = op.inputs.flatMap((id) => {
    const data = id === null || !isReal(graph, id) ? undefined : tensorOf(graph, id).data;
    return data instanceof Float32Array ? [data] : [];
  });
  if (op.kind === 'pad') constants.push(Float32Array.of(op.attrs.value));
  if (!reach) return true; // a range that somebody set
  const [low, high] = [Math.min(0, reach.min), Math.max(0, reach.max)];
  const step = (high - low) / 255;
  const [min, max] = [low - step, high + step];
  return constants.every((values) => values.every((value) => value >= min && value <= max));
}

function fixedKey(op: Op | undefined): string {
  const rule = op && definitionOf(op).quant;
  return rule?.kind === 'fixed-output' ? `${rule.scale}/${rule.zeroPoint}` : '';
}
