/** Runs roundings and corrections over a model, one layer after another. */
import { lookup } from '../../base/lookup';
import { ChannelObserver, type ChannelStats } from '../../core/algorithms/channel-stats';
import type { Correction, LayerFigure, Params, Rounding } from '../../core/algorithms/algorithm';
import { ExpectedInputs } from '../../core/algorithms/expected-input';
import { editLayers, layerOf, type LayerEdit, type WeightedLayer } from '../../core/algorithms/layer';
import { fromRows, patchesOf, weightRows, type PatchShape } from '../../core/algorithms/patches';
import { decode, nearestLevels, type Rounded, type RoundingProblem } from '../../core/algorithms/rounding';
import { sqnrDb } from '../../core/metrics/error-accumulator';
import type { Graph, OpId, QuantParams, TensorId } from '../../core/graph/graph';
import { tensorOf } from '../../core/graph/graph';
import type { Op } from '../../core/graph/ops/attrs';
import type { QuantPlan } from '../../core/quantize/plan';
import { KeptMatrix } from '../../engine/tfjs/linear-algebra';
import { weightGrid } from '../../core/algorithms/weight-grid';
import { activate, Frontier, runOp, walkableSamples, type Values } from '../session/layer-walk';
import { momentsOf } from './moments';
import { batchSizeFor, chunks, readBatch } from '../session/samples';
import type { Session } from '../session/session';

/** An algorithm with its parameters. */
export interface Chosen<A> {
  readonly algorithm: A;
  readonly params: Params;
}

export interface Learning {
  readonly rounding?: Chosen<Rounding> | undefined;
  readonly corrections: readonly Chosen<Correction>[];
}

export interface LayerReport extends LayerFigure {
  readonly algorithm: string;
}

export interface Learnt {
  readonly edits: ReadonlyMap<OpId, LayerEdit>;
  readonly layers: readonly LayerReport[];
  /** Layers that were only rounded to nearest, and why. */
  readonly notes: readonly string[];
}

export interface LearnHooks {
  /** Awaited every few milliseconds; throws to stop. `fraction` is of the whole walk. */
  readonly step: (fraction: number) => Promise<void>;
  readonly onLayer?: (report: LayerReport) => void;
}

/** Samples whose activations are walked with. */
const MOST_SAMPLES = 256;
/** Multiply-accumulates that learning one layer may take: some two minutes. */
const MOST_MACS = 1e12;
const BREATH_MS = 30;

/** Multiply-accumulates of learning a layer, for progress and for the limit. */
function cost(patches: PatchShape | null, layer: WeightedLayer, iterations: number): number {
  return patches ? layer.weights.length * patches.columns * iterations : 0;
}

class Learner {
  private readonly float: Frontier;
  private readonly quantized: Frontier;
  private readonly expected = new ExpectedInputs();
  private readonly edits = new Map<OpId, LayerEdit>();
  private readonly layers: LayerReport[] = [];
  private readonly notes: string[] = [];
  private sizes: number[] = [];
  private done = 0;
  private total = 1;

  constructor(
    private readonly session: Session,
    private readonly graph: Graph,
    private readonly plan: QuantPlan,
    private readonly learning: Learning,
    private readonly hooks: LearnHooks,
  ) {
    this.float = new Frontier(graph);
    this.quantized = new Frontier(graph);
  }

  async run(calibration: Uint32Array): Promise<Learnt> {
    const { graph } = this;
    await this.session.tfjs();
    const samples = calibration.subarray(0, walkableSamples(graph, MOST_SAMPLES, 2));
    await this.readInputs(samples);
    const iterations = this.learning.rounding?.params.iterations ?? 1;
    const costs = new Map(graph.ops.map((op) => [op.id, this.costOf(op, iterations)]));
    this.total = [...costs.values()].reduce((a, b) => a + b, 0);
    for (const op of graph.ops) {
      await this.visit(op, costs.get(op.id)!);
      this.done += costs.get(op.id)!;
      await this.hooks.step(this.done / this.total);
    }
    return { edits: this.edits, layers: this.layers, notes: this.notes };
  }

  private async readInputs(samples: Uint32Array): Promise<void> {
    const { graph, session } = this;
    const values = new Map<TensorId, Float32Array[]>(graph.inputs.map((id) => [id, []]));
    for (const indices of chunks(samples, batchSizeFor(graph))) {
      const batch = await readBatch(session.data.reader, graph, indices);
      for (const [id, data] of batch.inputs) values.get(id)!.push(data);
      this.sizes.push(indices.length);
    }
    for (const [id, data] of values) for (const side of [this.float, this.quantized]) side.set(id, data);
  }

  /** In units of a thousand multiply-accumulates; every op takes some time. */
  private costOf(op: Op, iterations: number): number {
    const layer = this.quantizable(op);
    return 1e5 + (layer ? cost(patchesOf(this.graph, layer), layer, iterations) / 1e3 : 0);
  }

  private quantizable(op: Op): WeightedLayer | null {
    const layer = layerOf(this.graph, op);
    const planned = lookup(this.plan.weights, layer?.weightId);
    return planned && weightGrid(planned) ? layer : null;
  }

  private async visit(op: Op, share: number): Promise<void> {
    const { graph, float, quantized, sizes } = this;
    const layer = this.quantizable(op);
    const y = await runOp(graph, op, float.values, sizes);
    let seen: ReadonlyMap<TensorId, Values> = y;
    if (layer) seen = new Map([[op.outputs[0], await this.learn(layer, y.get(op.outputs[0])!, share)]]);
    else if (op.inputs.some((id) => id !== null && float.values.get(id) !== quantized.values.get(id)))
      seen = await runOp(graph, op, quantized.values, sizes);
    this.expected.addOp(op);
    for (const id of op.outputs) {
      activate(y.get(id)!, op.activation);
      if (seen.get(id) !== y.get(id)) activate(seen.get(id)!, op.activation);
      float.set(id, y.get(id)!);
      quantized.set(id, seen.get(id)!);
    }
    float.release(op);
    quantized.release(op);
  }

  /** Rounds and corrects one layer; returns what it computes then, before its activation. */
  private async learn(layer: WeightedLayer, y: Values, share: number): Promise<Values> {
    const { op } = layer;
    const { params } = lookup(this.plan.weights, layer.weightId)!;
    const rounded = await this.round(layer, params, share);
    let weights = rounded.weights;
    const edited = editLayers(this.graph, new Map([[op.id, { weights }]]));
    const twin = edited.ops.find(({ id }) => id === op.id)!;
    const seen = (await runOp(edited, twin, this.quantized.values, this.sizes)).get(op.outputs[0])!;

    const before = channelStats(y, layer.outputs);
    this.expected.addLayer(layer, before);
    let bias = layer.bias;
    let scale = params.scale;
    const perChannel = scale.length > 1;
    for (const { algorithm, params: options } of this.learning.corrections) {
      const quantized = channelStats(seen, layer.outputs);
      const expected = this.expected.of(layer.input) ?? this.measuredInput(layer);
      const moments = { layer: { ...layer, bias }, rounded: weights, float: before, quantized, expected, perChannel };
      const { shift, gain } = algorithm.correct(moments, options);
      for (const batch of seen)
        for (let i = 0; i < batch.length; i++) {
          const c = i % layer.outputs;
          batch[i] = batch[i] * (gain?.[c] ?? 1) - shift[c];
        }
      bias = Float32Array.from(shift, (s, c) => (bias?.[c] ?? 0) * (gain?.[c] ?? 1) - s);
      if (gain && perChannel) {
        scale = scale.map((s, c) => s * gain[c]);
        weights = weights.map((w, i) => w * gain[layer.outputOf(i)]);
      }
      this.report({
        algorithm: algorithm.id,
        op: op.id,
        before: meanError(before, quantized),
        after: meanError(before, channelStats(seen, layer.outputs)),
      });
    }
    const pinned = rounded.learnt || scale !== params.scale;
    this.edits.set(op.id, {
      ...(pinned && { weights, quant: { ...params, scale: scale.slice() } }),
      ...(bias && bias !== layer.bias && { bias }),
    });
    return seen;
  }

  private async round(
    layer: WeightedLayer,
    { scale }: QuantParams,
    share: number,
  ): Promise<{ weights: Float32Array; learnt: boolean }> {
    const { rounding } = this.learning;
    const patches = rounding ? patchesOf(this.graph, layer) : null;
    const problem = this.problemOf(layer, scale, patches?.columns ?? layer.weights.length / layer.outputs);
    const nearest = () => ({ weights: fromRows(layer, decode(problem, nearestLevels(problem))), learnt: false });
    if (!rounding) return nearest();
    if (!patches || cost(patches, layer, rounding.params.iterations ?? 1) > MOST_MACS) {
      const why = patches ? 'it is too large to be learnt here' : 'transposed convolutions are not learnt';
      this.notes.push(`${layer.op.sourceName || layer.op.id} is rounded to nearest: ${why}.`);
      return nearest();
    }
    const inputs = [this.float, this.quantized].map(({ values }) => values.get(layer.input)!);
    const moments = await momentsOf(patches, inputs[0], inputs[1], this.sizes, () =>
      this.hooks.step(this.done / this.total),
    );
    const { levels, loss, nearestLoss, power, curve } = await this.advance({ ...problem, ...moments }, rounding, share);
    this.report({
      algorithm: rounding.algorithm.id,
      op: layer.op.id,
      before: sqnrDb(power, nearestLoss),
      after: sqnrDb(power, loss),
      ...(curve.length > 0 && { curve }),
    });
    return { weights: fromRows(layer, decode(problem, levels)), learnt: true };
  }

  private problemOf(layer: WeightedLayer, scale: Float32Array, columns: number): RoundingProblem {
    const none = new Float32Array(0);
    return {
      rows: layer.outputs,
      columns,
      groups: 1,
      weights: weightRows(layer),
      steps: Float32Array.from({ length: layer.outputs }, (_, c) => scale[scale.length === 1 ? 0 : c]),
      grid: weightGrid(lookup(this.plan.weights, layer.weightId)!)!,
      gram: none,
      cross: none,
      float: none,
    };
  }

  /** Learns in slices of time, so that messages and cancels come through. */
  private async advance(
    problem: RoundingProblem,
    { algorithm, params }: Chosen<Rounding>,
    share: number,
  ): Promise<Rounded> {
    const matrix = problem.groups === 1 ? new KeptMatrix(problem.gram, problem.columns) : null;
    try {
      const learning = algorithm.learn(problem, params, matrix ? (rows) => matrix.multiply(rows) : undefined);
      for (let last = performance.now(); ;) {
        const { done, value } = learning.next();
        if (done) return value;
        if (performance.now() - last < BREATH_MS) continue;
        await this.hooks.step((this.done + share * value.fraction) / this.total);
        last = performance.now();
      }
    } finally {
      matrix?.dispose();
    }
  }

  private measuredInput(layer: WeightedLayer): Float64Array {
    const channels = tensorOf(this.graph, layer.input).shape.at(-1)!;
    return channelStats(this.float.values.get(layer.input)!, channels).mean;
  }

  private report(report: LayerReport): void {
    this.layers.push(report);
    this.hooks.onLayer?.(report);
  }
}

function channelStats(values: Values, channels: number): ChannelStats {
  const observer = new ChannelObserver(channels);
  for (const batch of values) observer.observe(batch);
  return observer.stats();
}

/** Root mean square, over channels, of the shift of the mean in standard deviations. */
function meanError(float: ChannelStats, quantized: ChannelStats): number {
  let sum = 0;
  float.mean.forEach((mean, c) => (sum += float.std[c] > 0 ? ((quantized.mean[c] - mean) / float.std[c]) ** 2 : 0));
  return Math.sqrt(sum / float.mean.length);
}

/**
 * @param graph in float, of which the plan's weight scales are
 * @param calibration samples to learn from, in order; as many as fit in memory are used
 */
export function learnLayers(
  session: Session,
  graph: Graph,
  plan: QuantPlan,
  learning: Learning,
  calibration: Uint32Array,
  hooks: LearnHooks,
): Promise<Learnt> {
  return new Learner(session, graph, plan, learning, hooks).run(calibration);
}
