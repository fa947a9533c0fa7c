/** Neighbouring layers between which channels may be scaled: f(s·x) = s·f(x) holds for all that lies between them. */
import { consumers, tensorOf, type Graph, type OpId, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import { layerOf, type WeightedLayer } from './layer';

export interface Pair {
  readonly from: OpId;
  readonly to: OpId;
  /** Channels of `from`'s output. Input channel j of `to` is channel j mod this. */
  readonly channels: number;
  /** Tensors whose channels are scaled with it: the output of `from` up to the input of `to`. */
  readonly tensors: readonly TensorId[];
  /** Whether x − c may be sent instead of x, where x ≥ c: nothing between pads, and every path carries the shift whole. */
  readonly shifts: boolean;
  /** `from` is cut at 6: scaling it is right only as far as the cut is never reached. */
  readonly relaxes: boolean;
}

/** Whether an op between two layers maps each channel by itself, and if so whether it carries shifts, too. */
export function passes(graph: Graph, op: Op): { readonly shifts: boolean } | null {
  if (op.activation !== 'none' && op.activation !== 'relu') return null;
  const rank = tensorOf(graph, op.inputs[0]!).shape.length;
  switch (op.kind) {
    case 'relu':
    case 'maxPool2d':
    case 'averagePool2d':
    case 'resizeNearest':
    case 'resizeBilinear':
      return { shifts: true };
    case 'leakyRelu':
      return { shifts: false };
    case 'pad':
      return op.attrs.value === 0 && op.attrs.paddings[rank - 1].every((n) => n === 0) ? { shifts: false } : null;
    case 'mean':
    case 'reduceMax':
      return op.attrs.axes.includes(rank - 1) ? null : { shifts: true };
    case 'reshape': {
      const [before, after] = [op.inputs[0]!, op.outputs[0]].map((id) => tensorOf(graph, id).shape.at(-1) ?? 0);
      return before > 0 && after % before === 0 ? { shifts: true } : null;
    }
    default:
      return null;
  }
}

/** Whether every output of `to` sees all of its inputs, not zeros that padding put in their place. */
function seesNoPadding({ op, shape }: WeightedLayer): boolean {
  if (op.kind === 'fullyConnected') return true;
  if (op.kind !== 'conv2d' && op.kind !== 'depthwiseConv2d') return false;
  return op.attrs.padding === 'valid' || (shape[1] === 1 && shape[2] === 1);
}

/**
 * Each layer with the one that alone reads what it computes, if channels may be scaled on the way: past ReLU, pooling,
 * means over positions, flattening.
 */
export function scalablePairs(graph: Graph): Pair[] {
  const readers = consumers(graph);
  const onlyReader = (id: TensorId): Op | undefined => {
    const all = readers.get(id) ?? [];
    return all.length === 1 && !graph.outputs.includes(id) ? all[0] : undefined;
  };
  return graph.ops.flatMap((op): Pair[] => {
    const from = layerOf(graph, op);
    if (!from || op.activation === 'reluN1To1') return [];
    const tensors = [from.output];
    let shifts = true;
    for (;;) {
      const id = tensors.at(-1)!;
      const next = onlyReader(id);
      if (!next || next.inputs[0] !== id || next.inputs.filter((input) => input === id).length > 1) return [];
      const to = layerOf(graph, next);
      if (to) {
        if (to.inputs % from.outputs !== 0) return [];
        const relaxes = op.activation === 'relu6';
        const channels = from.outputs;
        return [{ from: op.id, to: next.id, channels, tensors, shifts: shifts && seesNoPadding(to), relaxes }];
      }
      const passed = passes(graph, next);
      if (!passed) return [];
      shifts &&= passed.shifts;
      tensors.push(next.outputs[0]);
    }
  });
}
