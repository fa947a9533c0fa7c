import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import { RangefinderError } from '../../../core/errors';
import { elementCount, tensorOf, type Graph, type TensorId } from '../../../core/graph/graph';
import type { Op } from '../../../core/graph/ops/attrs';
import { INT8_ACTIVATION } from '../../../core/numerics/format';
import type { QuantPlan } from '../../../core/quantize/plan';
import type { Range } from '../../../core/ranges/types';
import type { QatCheckpoint, TrainedGrid, TrainedWeights } from '../../../core/training/checkpoint';
import type { LossValue } from '../../../core/training/losses';
import { OPTIMIZERS, type Optimizer } from '../../../core/training/optimizers';
import type { QatSettings } from '../../../core/training/settings';
import { checkTrainable, integerFormat } from '../../../core/training/trainable';
import type { Batch } from '../../types';
import { isFormat, type ActivationRounding } from '../fake-quant/rounding';
import type { ConstantGrid } from '../fake-quant/grid';
import { onWasm, viewSync } from '../heap';
import { roundedActivations, simulationOf } from '../simulation';
import { ActivationQuantizer } from './activation-quantizer';
import { Network } from './network';
import { TrainedConstants } from './trained-constants';

export interface Rates {
  readonly weights: number;
  readonly ranges: number;
}

/**
 * Trains a normalized Graph with the roundings of a plan in its way: what it computes is what the exported file does. Batch
 * norm is folded before, so that its statistics are frozen from the start.
 */
export class Trainer {
  private readonly quantizers = new Map<TensorId, ActivationQuantizer>();
  private readonly constants: TrainedConstants;
  private readonly network: Network;
  private readonly optimizer: Optimizer;
  private readonly rangeOptimizer: Optimizer;
  private observing: boolean;

  private constructor(
    private readonly graph: Graph,
    plan: QuantPlan,
    private readonly head: TensorId,
    private readonly settings: Pick<QatSettings, 'optimizer' | 'ranges' | 'weightDecay'>,
  ) {
    const { activations } = simulationOf(graph, plan);
    this.optimizer = OPTIMIZERS[settings.optimizer]();
    this.rangeOptimizer = OPTIMIZERS[settings.optimizer]();
    this.observing = settings.ranges === 'observed';
    this.makeQuantizers(plan);
    const rounded = roundedGroups(graph, plan);
    const quantizerOf = (id: TensorId) => (rounded.has(id) ? this.quantizers.get(groupOf(plan, id)) : undefined);
    const inputScaleOf = (op: Op) => this.quantizers.get(groupOf(plan, op.inputs[0]!))?.grid.scale ?? null;
    this.constants = new TrainedConstants(graph, plan, inputScaleOf, (id) => constantGrid(activations.get(id)));
    this.network = new Network(graph, [head], this.constants, quantizerOf);
    this.constants.upload();
  }

  /**
   * @param graph normalized; @param plan of it, where ranges start from; @param head the tensor that the loss sees
   * @throws RangefinderError 'unsupported-op', 'unsupported-feature', 'runtime-failed'
   */
  static create(
    graph: Graph,
    plan: QuantPlan,
    head: TensorId,
    settings: Pick<QatSettings, 'optimizer' | 'ranges' | 'weightDecay'>,
  ): Trainer {
    if (!onWasm())
      throw new RangefinderError({
        code: 'runtime-failed',
        message: 'Training runs on the WebAssembly backend only.',
        hint: 'Reload the page so that the backend starts anew.',
      });
    const trainer = new Trainer(graph, plan, head, settings);
    try {
      checkTrainable(graph, plan, trainer.network.undifferentiable);
    } catch (refusal) {
      trainer.dispose();
      throw refusal;
    }
    return trainer;
  }

  /**
   * One step against the gradient of a loss. A loss that is no number leaves everything as it was.
   * @param lossOf from the head's values, rounded as the file rounds them
   */
  step(batch: Batch, lossOf: (outputs: Float32Array) => LossValue, rates: Rates): number {
    const pass = this.network.forward(batch, this.observing);
    let value: LossValue;
    let dy: Tensor;
    try {
      const output = pass.seen.get(this.head)!;
      value = lossOf(viewSync(output));
      if (!Number.isFinite(value.loss)) {
        pass.dispose();
        return value.loss;
      }
      dy = tensor(value.gradient, output.shape, 'float32');
    } catch (thrown) {
      pass.dispose();
      throw thrown;
    }
    this.network.backward(pass, new Map([[this.head, dy]]));
    this.constants.finishGradients();
    this.optimizer.step(this.constants.weightParameters(), rates.weights, this.settings.weightDecay);
    if (this.settings.ranges === 'learned') {
      const learned = [...this.quantizers.values()].filter(({ mode }) => mode === 'learned');
      const parameters = [...learned.map(({ parameter }) => parameter), ...this.constants.scaleParameters()];
      this.rangeOptimizer.step(parameters, rates.ranges, 0);
    }
    for (const quantizer of this.quantizers.values()) quantizer.settle();
    this.constants.settle();
    if (this.observing) this.constants.observe();
    this.constants.upload();
    return value.loss;
  }

  /** The head's values, a copy. */
  predict(batch: Batch): Float32Array {
    const pass = this.network.forward(batch);
    try {
      return viewSync(pass.seen.get(this.head)!).slice();
    } finally {
      pass.dispose();
    }
  }

  /** Observed ranges stay as they are from now on. */
  freezeRanges(): void {
    this.observing = false;
  }

  /** What each group of activations covers at the moment, by the tensor that stands for it. */
  ranges(): Record<TensorId, Range> {
    const ranges: Record<TensorId, Range> = {};
    for (const { source, grid } of this.quantizers.values()) {
      const { scale, zeroPoint, qmin, qmax } = grid;
      ranges[source] = { min: scale * (qmin - zeroPoint), max: scale * (qmax - zeroPoint) };
    }
    return ranges;
  }

  checkpoint(epoch: number, loss: number): QatCheckpoint {
    const weights: Record<TensorId, TrainedWeights> = {};
    const biases: Record<TensorId, Float32Array> = {};
    for (const [id, { parameter, role, quantizer }] of this.constants.trained) {
      const values = parameter.values.slice();
      if (role === 'bias') biases[id] = values;
      else
        weights[id] = quantizer
          ? {
              values,
              scale: quantizer.grid.scale.slice(),
              bound: quantizer.grid.bound,
              quantizedDimension: quantizer.quantizedDimension,
            }
          : { values };
    }
    const activations: Record<TensorId, TrainedGrid> = {};
    for (const { source, mode, grid } of this.quantizers.values())
      if (mode !== 'fixed') activations[source] = { scale: grid.scale, zeroPoint: grid.zeroPoint };
    return { version: 1, weights, biases, activations, epoch, loss };
  }

  /** Goes on from a checkpoint of the same model under the same plan. */
  restore({ weights, biases, activations }: QatCheckpoint): void {
    for (const [id, { parameter, quantizer }] of this.constants.trained) {
      const values = weights[id]?.values ?? biases[id];
      if (values) parameter.values.set(values);
      const scale = weights[id]?.scale;
      if (quantizer && scale) quantizer.grid.scale.set(scale);
    }
    for (const [id, { scale, zeroPoint }] of Object.entries(activations))
      this.quantizers.get(id)?.restore(scale, zeroPoint);
    this.constants.upload();
  }

  dispose(): void {
    this.constants.dispose();
    this.network.dispose();
  }

  /** One for each group of tensors that share a grid. The inputs' ranges are the data's, prescribed ones the kernels'. */
  private makeQuantizers(plan: QuantPlan): void {
    const { graph, settings } = this;
    for (const planned of Object.values(plan.activations)) {
      const source = groupOf(plan, planned.tensor);
      if (this.quantizers.has(source)) continue;
      const own = plan.activations[source] ?? planned;
      const isFixed = own.origin === 'fixed' || graph.inputs.includes(source);
      const elements = elementCount(tensorOf(graph, source).shape);
      const grid = { scale: own.params.scale[0], zeroPoint: own.params.zeroPoint[0] };
      const format = integerFormat(own, INT8_ACTIVATION);
      const mode = isFixed ? 'fixed' : settings.ranges;
      this.quantizers.set(source, new ActivationQuantizer(source, grid, format, mode, elements));
    }
  }
}

function groupOf(plan: QuantPlan, id: TensorId): TensorId {
  return plan.activations[id]?.sharedWith ?? id;
}

/** Tensors that need rounding: those picked from tensors of the same group are on its grid already, whatever it becomes. */
function roundedGroups(graph: Graph, plan: QuantPlan): ReadonlySet<TensorId> {
  const groups = new Map<TensorId, number>();
  const numberOf = (id: TensorId) => {
    if (!groups.has(id)) groups.set(id, groups.size + 1);
    return groups.get(id)!;
  };
  // A grid for each group, so that grids are equal where groups are.
  const activations = new Map<TensorId, ActivationRounding>(
    Object.keys(plan.activations).map((id) => [
      id,
      { scale: numberOf(groupOf(plan, id)), zeroPoint: 0, qmin: 0, qmax: 0 },
    ]),
  );
  return new Set(roundedActivations(graph, { activations, weights: new Map(), biases: new Map() }).keys());
}

/** A constant operand of an elementwise op is rounded as an activation is. */
function constantGrid(rounding: ActivationRounding | undefined): ConstantGrid | null {
  if (!rounding || isFormat(rounding)) return null;
  return { ...rounding, scale: Float32Array.of(rounding.scale), quantizedDimension: 0 };
}
