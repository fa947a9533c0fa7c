/**
 * SmoothQuant (Xiao et al. 2023): channels that reach far into a dense layer hand part of their range over to its weights,
 * s[j] = max|X[j]|^α / max|W[j]|^(1−α). The division is folded into the layer before, so nothing is computed besides.
 */
import type { Graph, OpId, TensorId } from '../graph/graph';
import type { ChannelStatsOf } from './channel-stats';
import { inputRanges } from './equalize';
import { editLayers, weightedLayers, type LayerEdit } from './layer';
import { scalablePairs, type Pair } from './pairs';

export interface Smoothed {
  readonly graph: Graph;
  readonly pairs: readonly { readonly from: OpId; readonly to: OpId; readonly scale: Float64Array }[];
}

export function smoothingScales(x: ArrayLike<number>, w: ArrayLike<number>, alpha: number): Float64Array {
  return Float64Array.from(x, (reach, j) => (reach > 0 && w[j] > 0 ? reach ** alpha / w[j] ** (1 - alpha) : 1));
}

function smoothablePairs(graph: Graph): Pair[] {
  const dense = new Set(graph.ops.filter(({ kind }) => kind === 'fullyConnected').map(({ id }) => id));
  return scalablePairs(graph).filter(({ to, relaxes }) => dense.has(to) && !relaxes);
}

/** Tensors whose channels' statistics {@link smooth} wants. */
export function smoothableTensors(graph: Graph): TensorId[] {
  return smoothablePairs(graph).map(({ tensors }) => tensors[0]);
}

/** @param stats of the tensors in {@link smoothableTensors}. */
export function smooth(graph: Graph, stats: ChannelStatsOf, { alpha = 0.5 } = {}): Smoothed {
  const layers = new Map(weightedLayers(graph).map((layer) => [layer.op.id, layer]));
  const incoming = new Map<OpId, Float64Array>();
  const outgoing = new Map<OpId, Float64Array>();
  const pairs = smoothablePairs(graph).flatMap(({ from, to, channels, tensors }) => {
    const seen = stats.get(tensors[0]);
    if (!seen) return [];
    const reach = seen.max.map((max, c) => Math.max(max, -seen.min[c]));
    const scale = smoothingScales(reach, inputRanges(layers.get(to)!, channels), alpha);
    incoming.set(to, scale);
    outgoing.set(from, scale);
    return [{ from, to, scale }];
  });
  const edits = new Map<OpId, LayerEdit>();
  for (const id of new Set([...incoming.keys(), ...outgoing.keys()])) {
    const { weights, bias, inputOf, outputOf } = layers.get(id)!;
    const [into, out] = [incoming.get(id), outgoing.get(id)];
    edits.set(id, {
      weights: weights.map((w, i) => {
        const taken = into ? w * into[inputOf(i) % into.length] : w;
        return out ? taken / out[outputOf(i)] : taken;
      }),
      ...(bias && out && { bias: bias.map((b, c) => b / out[c]) }),
    });
  }
  return { graph: editLayers(graph, edits), pairs };
}
