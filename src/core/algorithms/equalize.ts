/**
 * Cross-layer equalization (Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019).
 *
 * Between two layers channel i may leave s[i] times smaller if the next layer takes it s[i] times larger. With
 * s = √(r1·r2)/r2, r1 the range of the channel's weights before and r2 after, both ranges become √(r1·r2): no channel is
 * lost beside another one's range, and what the model computes stays.
 */
import type { Graph, OpId, TensorId } from '../graph/graph';
import { editLayers, weightedLayers, type LayerEdit, type WeightedLayer } from './layer';
import { scalablePairs, type Pair } from './pairs';

export interface EqualizeOptions {
  /** Factors rounded to powers of two leave every float as it was, to the bit. */
  readonly powersOfTwo?: boolean;
  /** Whether the cut at 6 of this tensor may be dropped. */
  readonly relaxable?: (output: TensorId) => boolean;
}

export interface EqualizedPair {
  readonly from: OpId;
  readonly to: OpId;
  /** Channel i leaves `from` divided by this. */
  readonly scale: Float64Array;
  /** Largest range of a channel over the smallest, of the weights of `from` and, by input channel, of `to`. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

export interface Equalized {
  readonly graph: Graph;
  readonly pairs: readonly EqualizedPair[];
  /** Layers whose ReLU6 became a ReLU. */
  readonly relaxed: readonly OpId[];
  /** Layers left alone because their ReLU6 is reached. */
  readonly left: readonly OpId[];
}

/** Chains of layers settle within a few rounds: each pair's factors move the ranges of its neighbours. */
const MOST_ROUNDS = 40;
const SETTLED = 1e-6;
/** A channel this much smaller than its peers is dead: raising it would raise its bias alone. */
const DEAD = 1e-7;

/** s[i] = √(r1[i]·r2[i]) / r2[i], 1 where a range is 0. */
export function equalizingScales(r1: ArrayLike<number>, r2: ArrayLike<number>): Float64Array {
  return Float64Array.from(r1, (a, i) => (a > 0 && r2[i] > 0 ? Math.sqrt(a * r2[i]) / r2[i] : 1));
}

/** Largest |weight| of each output channel. */
export function outputRanges({ weights, outputs, outputOf }: WeightedLayer): Float64Array {
  const ranges = new Float64Array(outputs);
  weights.forEach((w, i) => {
    const c = outputOf(i);
    if (Math.abs(w) > ranges[c]) ranges[c] = Math.abs(w);
  });
  return ranges;
}

/** Largest |weight| that reads each of `channels` input channels. */
export function inputRanges({ weights, inputOf }: WeightedLayer, channels: number): Float64Array {
  const ranges = new Float64Array(channels);
  weights.forEach((w, i) => {
    const c = inputOf(i) % channels;
    if (Math.abs(w) > ranges[c]) ranges[c] = Math.abs(w);
  });
  return ranges;
}

function withoutDead(ranges: Float64Array): Float64Array {
  const largest = ranges.reduce((a, b) => Math.max(a, b), 0);
  return ranges.map((r) => (r < DEAD * largest ? 0 : r));
}

/** Largest over smallest of the ranges that are not 0. */
function spread(ranges: Float64Array): number {
  const alive = ranges.filter((r) => r > 0);
  return alive.length === 0 ? 1 : Math.max(...alive) / Math.min(...alive);
}

/** The layers under the factors found so far; always computed from the original weights, so that they are rounded once. */
class Scaled {
  /** Of the channels that leave a layer. A layer has at most one pair on either side. */
  private readonly factors = new Map<OpId, Float64Array>();
  private readonly feeder: ReadonlyMap<OpId, OpId>;

  constructor(
    private readonly layers: ReadonlyMap<OpId, WeightedLayer>,
    pairs: readonly Pair[],
  ) {
    this.feeder = new Map(pairs.map(({ from, to }) => [to, from]));
    for (const { from, channels } of pairs) this.factors.set(from, new Float64Array(channels).fill(1));
  }

  ranges({ from, to, channels }: Pair): [Float64Array, Float64Array] {
    return [withoutDead(outputRanges(this.current(from))), withoutDead(inputRanges(this.current(to), channels))];
  }

  factorsOf({ from }: Pair): Float64Array {
    return this.factors.get(from)!;
  }

  setFactors({ from }: Pair, factors: Float64Array): void {
    this.factors.set(from, factors);
  }

  edit(id: OpId): LayerEdit {
    const { weights, bias } = this.current(id);
    return { weights, ...(bias && { bias }) };
  }

  private current(id: OpId): WeightedLayer {
    const layer = this.layers.get(id)!;
    const out = this.factors.get(id);
    const into = this.factors.get(this.feeder.get(id) ?? '');
    const { inputOf, outputOf, weights, bias } = layer;
    return {
      ...layer,
      weights: weights.map((w, i) => {
        const taken = into ? w * into[inputOf(i) % into.length] : w;
        return out ? taken / out[outputOf(i)] : taken;
      }),
      bias: bias && out ? bias.map((b, c) => b / out[c]) : bias,
    };
  }
}

/** Equalizes all pairs of layers that allow it, again and again until chains (depthwise triples) have settled. */
export function equalize(
  graph: Graph,
  { powersOfTwo = false, relaxable = () => false }: EqualizeOptions = {},
): Equalized {
  const candidates = scalablePairs(graph);
  const usable = candidates.filter(({ relaxes, tensors }) => !relaxes || relaxable(tensors[0]));
  const scaled = new Scaled(new Map(weightedLayers(graph).map((layer) => [layer.op.id, layer])), usable);
  const before = usable.map((pair) => scaled.ranges(pair));

  for (let round = 0, moved = Infinity; round < MOST_ROUNDS && moved > SETTLED; round++) {
    moved = 0;
    for (const pair of usable) {
      const scales = equalizingScales(...scaled.ranges(pair));
      for (const s of scales) moved = Math.max(moved, Math.abs(Math.log(s)));
      scaled.setFactors(pair, scaled.factorsOf(pair).map((s, i) => s * scales[i])); // prettier-ignore
    }
  }
  if (powersOfTwo)
    for (const pair of usable) scaled.setFactors(pair, scaled.factorsOf(pair).map(nearestPower)); // prettier-ignore

  const edits = new Map<OpId, LayerEdit>();
  for (const { from, to } of usable) for (const id of [from, to]) edits.set(id, scaled.edit(id));
  for (const { from, relaxes } of usable) if (relaxes) edits.set(from, { ...edits.get(from), activation: 'relu' });
  return {
    graph: editLayers(graph, edits),
    pairs: usable.map((pair, i) => ({
      from: pair.from,
      to: pair.to,
      scale: scaled.factorsOf(pair),
      before: [spread(before[i][0]), spread(before[i][1])],
      after: scaled.ranges(pair).map(spread) as [number, number],
    })),
    relaxed: usable.filter(({ relaxes }) => relaxes).map(({ from }) => from),
    left: candidates.filter((pair) => !usable.includes(pair)).map(({ from }) => from),
  };
}

function nearestPower(s: number): number {
  return 2 ** Math.round(Math.log2(s));
}
