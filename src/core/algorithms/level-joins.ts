/**
 * Levels what is concatenated. Joined tensors share one scale, of which a narrow one beside a wide one gets a few codes. A
 * layer may send its tensor s times smaller if all that read the joined one take its channels s times larger; with
 * s = √(X / W), X the reach of the tensor and W that of the weights which read it, activations and weights share the
 * difference, as in SmoothQuant with α = ½.
 */
import { lookup } from '../../base/lookup';
import { consumers, producers, tensorOf, type Graph, type OpId, type TensorId } from '../graph/graph';
import type { Op } from '../graph/ops/attrs';
import type { TensorStats } from '../calibration/types';
import { inputRanges } from './equalize';
import { editLayers, layerOf, weightedLayers, type LayerEdit } from './layer';
import { passes } from './pairs';

/** One input of a concatenation: some of its channels. */
interface Part {
  readonly tensor: TensorId;
  readonly first: number;
  readonly channels: number;
  /** The layer that may scale it; null where others see it, or its activation would cut otherwise. */
  readonly from: OpId | null;
}

interface Join {
  readonly op: OpId;
  readonly channels: number;
  readonly parts: readonly Part[];
  /** Input channel j of these is channel j mod `channels`. */
  readonly readers: readonly OpId[];
}

export interface LevelledJoin {
  readonly op: OpId;
  /** What each input is divided by. */
  readonly scales: readonly number[];
  /** The widest input over the narrowest. */
  readonly before: number;
  readonly after: number;
}

/** Concatenations of channels that only layers with weights read, one of which at least may be scaled. */
function levelJoinsOf(graph: Graph): Join[] {
  const readersOf = consumers(graph);
  const producerOf = producers(graph);
  const lastDim = (id: TensorId) => tensorOf(graph, id).shape.at(-1)!;
  const isSeenBy = (id: TensorId, op: Op) =>
    !graph.outputs.includes(id) &&
    (readersOf.get(id) ?? []).every((reader) => reader === op) &&
    op.inputs.filter((input) => input === id).length === 1;

  const scalerOf = (tensor: TensorId, reader: Op): OpId | null => {
    if (!isSeenBy(tensor, reader)) return null;
    const op = producerOf.get(tensor);
    if (!op) return null;
    if (layerOf(graph, op)) return op.activation === 'none' || op.activation === 'relu' ? op.id : null;
    const [input] = op.inputs;
    return input && passes(graph, op) && lastDim(input) === lastDim(tensor) ? scalerOf(input, op) : null;
  };
  /** Past what maps channels one by one; null where anything else reads the tensor. */
  const layersBehind = (tensor: TensorId): OpId[] | null => {
    const readers = readersOf.get(tensor) ?? [];
    if (graph.outputs.includes(tensor) || readers.length === 0) return null;
    const behind: OpId[] = [];
    for (const op of readers) {
      if (op.inputs[0] !== tensor || op.inputs.lastIndexOf(tensor) > 0) return null;
      const ids = layerOf(graph, op) ? [op.id] : passes(graph, op) ? layersBehind(op.outputs[0]) : null;
      if (!ids) return null;
      behind.push(...ids);
    }
    return behind;
  };

  return graph.ops.flatMap((op): Join[] => {
    if (op.kind !== 'concat' || op.activation !== 'none') return [];
    const [output] = op.outputs;
    const rank = tensorOf(graph, output).shape.length;
    if ((op.attrs.axis + rank) % rank !== rank - 1) return [];
    let first = 0;
    const parts = op.inputs.map((tensor): Part => {
      const channels = lastDim(tensor!);
      first += channels;
      return { tensor: tensor!, first: first - channels, channels, from: scalerOf(tensor!, op) };
    });
    const readers = layersBehind(output);
    const isFree = parts.length > 1 && parts.some(({ from }) => from !== null);
    return readers && isFree ? [{ op: op.id, channels: first, parts, readers }] : [];
  });
}

/** The concatenations that {@link levelJoins} can do something about. */
export function levelledOps(graph: Graph): OpId[] {
  return levelJoinsOf(graph).map(({ op }) => op);
}

/** @param stats of what is joined, in `graph` */
export function levelJoins(
  graph: Graph,
  stats: Readonly<Record<TensorId, TensorStats>>,
): { readonly graph: Graph; readonly joins: readonly LevelledJoin[] } {
  const layers = new Map(weightedLayers(graph).map((layer) => [layer.op.id, layer]));
  const outgoing = new Map<OpId, number>();
  const incoming = new Map<OpId, Float64Array>();
  const joins = levelJoinsOf(graph).flatMap(({ op, channels, parts, readers }): LevelledJoin[] => {
    const reaches = parts.map(({ tensor }) => reachOf(lookup(stats, tensor)));
    const read = readers.map((id) => inputRanges(layers.get(id)!, channels));
    const shares = parts.map(({ first, channels: own }, i) => {
      const weights = read.reduce((most, row) => Math.max(most, ...row.subarray(first, first + own)), 0);
      return reaches[i] > 0 && weights > 0 ? Math.sqrt(reaches[i] / weights) : null;
    });
    // The widest of those that cannot change, else the widest of all, stays as it is.
    const fixed = parts.flatMap(({ from }, i) => (from === null && shares[i] !== null ? [i] : []));
    const candidates = fixed.length > 0 ? fixed : shares.flatMap((share, i) => (share === null ? [] : [i]));
    if (candidates.length === 0) return [];
    const anchor = candidates.reduce((a, b) => (reaches[b] > reaches[a] ? b : a));
    const scales = parts.map(({ from }, i) => (from === null || shares[i] === null ? 1 : shares[i] / shares[anchor]!));
    if (scales.every((s) => s === 1)) return [];
    parts.forEach(({ from }, i) => from !== null && outgoing.set(from, scales[i]));
    const taken = new Float64Array(channels);
    parts.forEach(({ first, channels: own }, i) => taken.fill(scales[i], first, first + own));
    for (const id of readers) incoming.set(id, taken);
    const after = reaches.map((reach, i) => reach / scales[i]);
    return [{ op, scales, before: spread(reaches), after: spread(after) }];
  });
  const edits = new Map<OpId, LayerEdit>();
  for (const id of new Set([...outgoing.keys(), ...incoming.keys()])) {
    const { weights, bias, inputOf } = layers.get(id)!;
    const [out, into] = [outgoing.get(id) ?? 1, incoming.get(id)];
    edits.set(id, {
      weights: weights.map((w, i) => (into ? w * into[inputOf(i) % into.length] : w) / out),
      ...(bias && { bias: bias.map((b) => b / out) }),
    });
  }
  return { graph: editLayers(graph, edits), joins };
}

function reachOf(stats: TensorStats | undefined): number {
  return stats && stats.count > 0 ? Math.max(stats.max, -stats.min) : 0;
}

function spread(reaches: readonly number[]): number {
  const alive = reaches.filter((reach) => reach > 0);
  return Math.max(...alive) / Math.min(...alive);
}
