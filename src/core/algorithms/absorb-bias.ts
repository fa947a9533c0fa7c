/**
 * High-bias absorption (Nagel et al. 2019, 3.3.3). A channel that never falls below c before its ReLU may send x − c, if
 * the next layer adds what c would have brought: ReLU(x) − c = ReLU(x − c) for x ≥ c. The range that must be
 * represented shrinks by c.
 */
import type { Graph, OpId, TensorId } from '../graph/graph';
import type { ChannelStatsOf } from './channel-stats';
import { editLayers, weightedLayers, type LayerEdit } from './layer';
import { scalablePairs, type Pair } from './pairs';

export interface Absorbed {
  readonly graph: Graph;
  readonly pairs: readonly { readonly from: OpId; readonly to: OpId; readonly shift: Float64Array }[];
}

/** Where absorption is exact: between are no zeros of padding, which would not be shifted along. */
function absorbingPairs(graph: Graph): Pair[] {
  return scalablePairs(graph).filter(({ shifts, relaxes }) => shifts && !relaxes);
}

/** Tensors whose channels' statistics {@link absorbBias} wants. */
export function absorbingTensors(graph: Graph): TensorId[] {
  return absorbingPairs(graph).map(({ tensors }) => tensors[0]);
}

/**
 * @param stats of the outputs in `graph`; a channel is shifted by mean − `deviations`·std, as far as the smallest value
 * seen allows: on what was seen, the model computes what it did.
 */
export function absorbBias(graph: Graph, stats: ChannelStatsOf, { deviations = 3 } = {}): Absorbed {
  const layers = new Map(weightedLayers(graph).map((layer) => [layer.op.id, layer]));
  const biases = new Map<OpId, Float32Array>();
  const biasOf = (id: OpId) => {
    const { bias, outputs } = layers.get(id)!;
    return biases.get(id) ?? bias ?? new Float32Array(outputs);
  };
  const pairs = absorbingPairs(graph).flatMap((pair) => {
    const seen = stats.get(pair.tensors[0]);
    if (!seen) return [];
    const shift = seen.mean.map((mean, c) => Math.max(0, Math.min(seen.min[c], mean - deviations * seen.std[c])));
    if (shift.every((c) => c === 0)) return [];
    const { weights, inputOf, outputOf } = layers.get(pair.to)!;
    const added = new Float64Array(layers.get(pair.to)!.outputs);
    // Behind an average over positions or a flattening each weight meets its channel's shift once.
    weights.forEach((w, i) => (added[outputOf(i)] += w * shift[inputOf(i) % pair.channels]));
    biases.set(
      pair.from,
      biasOf(pair.from).map((b, c) => b - shift[c]),
    );
    biases.set(
      pair.to,
      biasOf(pair.to).map((b, c) => b + added[c]),
    );
    return [{ from: pair.from, to: pair.to, shift }];
  });
  const edits = new Map<OpId, LayerEdit>([...biases].map(([id, bias]) => [id, { bias }]));
  return { graph: editLayers(graph, edits), pairs };
}
