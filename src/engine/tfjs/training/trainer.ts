import { lookup, put } from '../../../base/lookup';
import { tensor } from '@tensorflow/tfjs-core';
import { elementCount, tensorOf, type Graph, type OpId, type TensorId } from '../../../core/graph/graph';
import type { Op } from '../../../core/graph/ops/attrs';
import { INT8_ACTIVATION } from '../../../core/number-formats/format';
import type { QuantPlan } from '../../../core/quantize/plan';
import type { Range } from '../../../core/calibration/types';
import type { QatCheckpoint, TrainedGrid, TrainedWeights } from '../../../core/training/checkpoint';
import { GradientClip } from '../../../core/training/gradient-clip';
import type { LossValue } from '../../../core/training/losses';
import { OPTIMIZERS, type Optimizer, type Parameter } from '../../../core/training/optimizers';
import type { QatSettings } from '../../../core/training/settings';
import { checkTrainable } from '../../../core/training/trainable';
import type { Batch } from '../../types';
import type { ConstantGrid } from '../fake-quant/grid';
import { isFormat, type ActivationRounding } from '../fake-quant/rounding';
import { BackendScope } from '../backend-scope';
import { Readback } from '../readback';
import { roundedActivations, simulationOf } from '../simulation';
import { ActivationQuantizer } from './activation-quantizer';
import { Network, type Pass } from './network';
import { TrainedConstants } from './trained-constants';

export interface Rates {
  readonly weights: number;
  readonly ranges: number;
}

export interface TrainerOptions {
  /** Ops whose batch norm, folded into their weights, is put back until {@link Trainer.foldBatchNorm}. */
  readonly normalized?: ReadonlySet<OpId>;
  /** Where it computes; the backend that is set where left out. */
  readonly scope?: BackendScope;
}

/** Trains a normalized Graph with the roundings of a plan in its way: what it computes is what the exported file does. */
export class Trainer {
  private readonly quantizers = new Map<TensorId, ActivationQuantizer>();
  /** Those whose grid a kernel prescribes. */
  private readonly prescribed = new Set<TensorId>();
  private readonly constants: TrainedConstants;
  private readonly network: Network;
  private readonly optimizer: Optimizer;
  private readonly rangeOptimizer: Optimizer;
  private readonly clip = new GradientClip();
  private readonly readback = new Readback();
  private readonly scope: BackendScope;
  private observing: boolean;
  private uploaded: 'training' | 'folded' | null = null;

  private constructor(
    private readonly graph: Graph,
    plan: QuantPlan,
    private readonly head: TensorId,
    private readonly settings: Pick<QatSettings, 'optimizer' | 'ranges' | 'weightDecay'>,
    { normalized = new Set(), scope = BackendScope.current() }: TrainerOptions,
  ) {
    const { activations } = simulationOf(graph, plan);
    this.scope = scope;
    this.optimizer = OPTIMIZERS[settings.optimizer]();
    this.rangeOptimizer = OPTIMIZERS[settings.optimizer]();
    this.observing = settings.ranges === 'observed';
    this.makeQuantizers(plan);
    const rounded = roundedGroups(graph, plan);
    const quantizerOf = (id: TensorId) => (rounded.has(id) ? this.quantizers.get(groupOf(plan, id)) : undefined);
    const inputScaleOf = (op: Op) => this.quantizers.get(groupOf(plan, op.inputs[0]!))?.integerScale ?? null;
    this.constants = scope.run(
      () => new TrainedConstants(graph, plan, inputScaleOf, (id) => constantGrid(activations.get(id))),
    );
    this.network = new Network(graph, [head], this.constants, quantizerOf);
    this.constants.unfold(graph.ops.filter(({ id }) => normalized.has(id)));
  }

  /**
   * @param graph normalized; @param plan of it, where ranges start from; @param head the tensor that the loss sees
   * @throws RangefinderError 'unsupported-op', 'invalid-settings'
   */
  static create(
    graph: Graph,
    plan: QuantPlan,
    head: TensorId,
    settings: Pick<QatSettings, 'optimizer' | 'ranges' | 'weightDecay'>,
    options: TrainerOptions = {},
  ): Trainer {
    const trainer = new Trainer(graph, plan, head, settings, options);
    try {
      checkTrainable(graph, plan, trainer.network.undifferentiable);
    } catch (refusal) {
      trainer.dispose();
      throw refusal;
    }
    return trainer;
  }

  /** The tfjs backend that it computes on. */
  get backend(): string {
    return this.scope.backend;
  }

  /**
   * One step against the gradient of a loss. A loss or a gradient that is no number leaves everything as it was.
   * @param lossOf from the head's values, rounded as the file rounds them
   * @returns the loss, NaN where a gradient is no number
   */
  async step(batch: Batch, lossOf: (outputs: Float32Array) => LossValue, rates: Rates): Promise<number> {
    const { scope, readback, constants } = this;
    this.upload('training');
    const pass = scope.run(() => this.network.forward(batch, readback, 'training', this.observing));
    let loss: number;
    try {
      const value = lossOf(await this.outputs(pass));
      loss = value.loss;
      if (Number.isFinite(loss)) await this.backward(pass, value.gradient);
    } finally {
      pass.dispose();
      readback.dispose();
    }
    if (!Number.isFinite(loss)) return loss;
    constants.finishGradients();
    // A clamped activation makes a number of what is none: the loss alone does not tell.
    const all = [...constants.weightParameters(), ...constants.scaleParameters(), ...this.rangeParameters()];
    if (!all.every(hasFiniteGradient)) {
      for (const { gradient } of all) gradient.fill(0);
      return NaN;
    }
    this.clip.apply(constants.weightParameters());
    this.optimizer.step(constants.weightParameters(), rates.weights, this.settings.weightDecay);
    if (this.settings.ranges === 'learned') {
      const parameters = [...this.rangeParameters(), ...constants.scaleParameters()];
      this.clip.apply(parameters);
      this.rangeOptimizer.step(parameters, rates.ranges, 0);
    }
    for (const quantizer of this.quantizers.values()) quantizer.settle();
    constants.settle();
    if (this.observing) constants.observe();
    this.uploaded = null;
    return loss;
  }

  /** The head's values as the exported file has them, batch norm folded: a copy. */
  async predict(batch: Batch): Promise<Float32Array> {
    this.upload('folded');
    const pass = this.scope.run(() => this.network.forward(batch, this.readback, 'folded'));
    try {
      return await this.outputs(pass);
    } finally {
      pass.dispose();
    }
  }

  /** Takes the running statistics of batch norm from these batches, with everything else as it is. */
  async estimateStatistics(batches: AsyncIterable<Batch>): Promise<void> {
    const { constants, readback, scope } = this;
    this.upload('training');
    constants.eachNormalizer((normalizer) => normalizer.startEstimation());
    for await (const batch of batches) {
      scope.run(() => this.network.forward(batch, readback)).dispose();
      await scope.run(() => readback.flush());
    }
    constants.eachNormalizer((normalizer) => normalizer.endEstimation());
    this.uploaded = null;
  }

  /** Batch norm uses its running statistics from now on, folded into the weights. */
  foldBatchNorm(): void {
    this.constants.fold();
    this.uploaded = null;
  }

  /** Observed ranges stay as they are from now on. */
  freezeRanges(): void {
    this.observing = false;
  }

  /** What each group of activations covers at the moment, by the tensor that stands for it, and weights, the widest channel of each. */
  ranges(): Record<TensorId, Range> {
    const ranges: Record<TensorId, Range> = {};
    for (const { source, range } of this.quantizers.values()) if (range) put(ranges, source, range);
    for (const { id, range } of this.constants.trained.values()) if (range) put(ranges, id, range);
    return ranges;
  }

  checkpoint(epoch: number, loss: number): QatCheckpoint {
    const weights: Record<TensorId, TrainedWeights> = {};
    const biases: Record<TensorId, Float32Array> = {};
    for (const [id, kept] of this.constants.checkpoint())
      if (this.constants.trained.get(id)!.role === 'bias') put(biases, id, kept.values);
      else put(weights, id, kept);
    const activations: Record<TensorId, TrainedGrid> = {};
    for (const { source, params } of this.quantizers.values())
      if (!this.prescribed.has(source)) put(activations, source, params);
    return { version: 1, weights, biases, activations, epoch, loss };
  }

  /** Goes on from a checkpoint of the same model under the same plan. */
  restore({ weights, biases, activations }: QatCheckpoint): void {
    for (const [id, constant] of this.constants.trained) {
      const bias = lookup(biases, id);
      const kept = lookup(weights, id) ?? (bias && { values: bias });
      if (kept) constant.restore(kept);
    }
    for (const [id, params] of Object.entries(activations)) this.quantizers.get(id)?.restore(params);
    this.uploaded = null;
  }

  dispose(): void {
    this.readback.dispose();
    this.constants.dispose();
  }

  private upload(form: 'training' | 'folded'): void {
    if (this.uploaded === form) return;
    this.scope.run(() => this.constants.upload(form));
    this.uploaded = form;
  }

  private backward(pass: Pass, gradient: Float32Array): Promise<void> {
    return this.scope.run(() => {
      const dy = tensor(gradient, pass.seen.get(this.head)!.shape, 'float32');
      this.network.backward(pass, new Map([[this.head, dy]]), this.readback);
      return this.readback.flush();
    });
  }

  /** Of activations whose ranges are learned. */
  private rangeParameters(): Parameter[] {
    return [...this.quantizers.values()].filter(({ mode }) => mode === 'learned').map(({ parameter }) => parameter);
  }

  private outputs(pass: Pass): Promise<Float32Array> {
    return this.scope.read(pass.seen.get(this.head)!);
  }

  /** One for each group of tensors that share a grid. The inputs' ranges are the data's, prescribed ones the kernels'. */
  private makeQuantizers(plan: QuantPlan): void {
    const { graph, settings } = this;
    for (const planned of Object.values(plan.activations)) {
      const source = groupOf(plan, planned.tensor);
      if (this.quantizers.has(source)) continue;
      const own = lookup(plan.activations, source) ?? planned;
      if (own.origin === 'fixed') this.prescribed.add(source);
      const isFixed = own.origin === 'fixed' || graph.inputs.includes(source);
      const elements = elementCount(tensorOf(graph, source).shape);
      const grid = { scale: own.params.scale[0], zeroPoint: own.params.zeroPoint[0] };
      const { format = INT8_ACTIVATION } = own;
      const mode = isFixed ? 'fixed' : settings.ranges;
      this.quantizers.set(source, new ActivationQuantizer(source, grid, format, mode, elements));
    }
  }
}

function hasFiniteGradient({ gradient }: Parameter): boolean {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += gradient[i];
  return Number.isFinite(sum);
}

function groupOf(plan: QuantPlan, id: TensorId): TensorId {
  return lookup(plan.activations, id)?.sharedWith ?? id;
}

/**
 * Tensors that need rounding: those picked from tensors of the same group are on its grid already, whatever it becomes.
 * Blocks have no grid to share; as in the simulation, what is picked from them stays as it is.
 */
function roundedGroups(graph: Graph, plan: QuantPlan): ReadonlySet<TensorId> {
  const numbers = new Map<unknown, number>();
  const numberOf = (id: TensorId) => {
    const format = lookup(plan.activations, id)?.format;
    const shared = format?.kind === 'block' ? format : groupOf(plan, id);
    if (!numbers.has(shared)) numbers.set(shared, numbers.size + 1);
    return numbers.get(shared)!;
  };
  // A grid for each group, so that grids are equal where groups are.
  const activations = new Map<TensorId, ActivationRounding>(
    Object.keys(plan.activations).map((id) => [id, { scale: numberOf(id), zeroPoint: 0, qmin: 0, qmax: 0 }]),
  );
  return new Set(roundedActivations(graph, { activations, weights: new Map(), biases: new Map() }).keys());
}

/** A constant operand of an elementwise op is rounded as an activation is. */
function constantGrid(rounding: ActivationRounding | undefined): ConstantGrid | null {
  if (!rounding || isFormat(rounding)) return null;
  return { ...rounding, scale: Float32Array.of(rounding.scale), quantizedDimension: 0 };
}
