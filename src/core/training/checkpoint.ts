/** What training leaves: plain data that makes the trained model of the one that it started from. */
import { RangefinderError } from '../errors';
import type { Graph, Tensor, TensorId } from '../graph/graph';
import { codeRange, INT8_ACTIVATION, INT8_WEIGHT } from '../numerics/format';
import type { QuantPlan } from '../quantize/plan';
import type { QuantSettings } from '../quantize/settings';
import { innerSize, roundWeights } from './step-size';
import { integerFormat } from './trainable';

export interface TrainedWeights {
  /** Before rounding: training can go on from them. */
  readonly values: Float32Array;
  /** One for each channel, or one for all; absent for weights that stay in float. */
  readonly scale?: Float32Array;
  /** Largest code; the smallest is its negative. */
  readonly bound?: number;
  readonly quantizedDimension?: number;
}

export interface TrainedGrid {
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface QatCheckpoint {
  readonly version: 1;
  readonly weights: Readonly<Record<TensorId, TrainedWeights>>;
  readonly biases: Readonly<Record<TensorId, Float32Array>>;
  /** By the tensor that decides for those which share its grid. Prescribed grids are not among them. */
  readonly activations: Readonly<Record<TensorId, TrainedGrid>>;
  /** Epochs done when it was taken. */
  readonly epoch: number;
  /** What it was chosen by: the validation loss. */
  readonly loss: number;
}

/**
 * The model with trained constants. Rounded weights carry their grid, which planning keeps.
 * @param rounded false: weights as they were before rounding, in float
 * @throws RangefinderError 'invalid-settings' where the checkpoint is of another model
 */
export function applyCheckpoint(graph: Graph, { weights, biases }: QatCheckpoint, rounded = true): Graph {
  const tensors = new Map(graph.tensors);
  const replace = (id: TensorId, values: Float32Array, quant?: Tensor['quant']) => {
    const tensor = graph.tensors.get(id);
    if (tensor?.data?.length !== values.length) throw foreign(id);
    const { quant: _, ...rest } = tensor;
    tensors.set(id, { ...rest, data: values, ...(quant && { quant }) });
  };
  for (const [id, { values, scale, bound, quantizedDimension = 0 }] of Object.entries(weights)) {
    if (!rounded || !scale || bound === undefined) {
      replace(id, values);
      continue;
    }
    const { shape } = graph.tensors.get(id) ?? foreignTensor(id);
    const inner = scale.length === 1 ? values.length : innerSize(shape, quantizedDimension);
    const quant = { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension };
    replace(id, roundWeights(values, { scale, inner, bound }), quant);
  }
  for (const [id, values] of Object.entries(biases)) replace(id, values);
  return { ...graph, tensors };
}

function foreign(id: TensorId): RangefinderError {
  return new RangefinderError({
    code: 'invalid-settings',
    message: `The trained weights are of another model: "${id}" does not fit.`,
    where: id,
    hint: 'Train this model, or open the one that was trained.',
  });
}

function foreignTensor(id: TensorId): never {
  throw foreign(id);
}

/** Settings under which planning gives activations the trained grids: as ranges set by hand, which may be edited further. */
export function withTrainedRanges(
  settings: QuantSettings,
  plan: QuantPlan,
  { activations }: QatCheckpoint,
): QuantSettings {
  const tensors = { ...settings.tensors };
  for (const [id, { scale, zeroPoint }] of Object.entries(activations)) {
    const planned = plan.activations[id];
    if (!planned) continue;
    const { qmin, qmax } = codeRange(integerFormat(planned, INT8_ACTIVATION));
    const { estimator: _, ...kept } = tensors[id] ?? {};
    tensors[id] = { ...kept, range: { min: scale * (qmin - zeroPoint), max: scale * (qmax - zeroPoint) } };
  }
  return { ...settings, tensors };
}

/** Largest code of planned weights. */
export function weightBound(plan: QuantPlan, id: TensorId): number {
  return codeRange(integerFormat(plan.weights[id], INT8_WEIGHT)).qmax;
}

/** Whether every number in it is one: a step that diverged leaves others. */
export function isFinite(checkpoint: QatCheckpoint): boolean {
  const arrays = [
    ...Object.values(checkpoint.weights).flatMap(({ values, scale }) => (scale ? [values, scale] : [values])),
    ...Object.values(checkpoint.biases),
    Float32Array.from(Object.values(checkpoint.activations), ({ scale }) => scale),
  ];
  return arrays.every((values) => values.every(Number.isFinite));
}
