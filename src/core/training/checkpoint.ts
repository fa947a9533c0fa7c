/** What training leaves: plain data that makes the trained model of the one that it started from. */
import { lookup, put } from '../../base/lookup';
import { RangefinderError } from '../../base/errors';
import type { Graph, Tensor, TensorId } from '../graph/graph';
import { representableRange } from '../numerics/affine';
import { extentOf, INT8_ACTIVATION, type NumberFormat } from '../number-formats/format';
import type { QuantPlan } from '../quantize/plan';
import type { QuantSettings } from '../quantize/settings';
import type { Range } from '../calibration/types';
import { innerSize, roundWeights } from './step-size';

export interface TrainedWeights {
  /** Before rounding: training can go on from them. */
  readonly values: Float32Array;
  /** What they are rounded to; absent for weights that stay in float or find their scales block by block. */
  readonly format?: NumberFormat | undefined;
  /** One for each channel, or one for all. */
  readonly scale?: Float32Array | undefined;
  readonly quantizedDimension?: number | undefined;
}

export interface TrainedGrid {
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface QatCheckpoint {
  readonly version: 1;
  readonly weights: Readonly<Record<TensorId, TrainedWeights>>;
  readonly biases: Readonly<Record<TensorId, Float32Array>>;
  /** By the tensor that decides for those which share its grid, the inputs' as well. Prescribed grids are not among them. */
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
  for (const [id, { values, format, scale, quantizedDimension = 0 }] of Object.entries(weights)) {
    if (!rounded || !format || !scale) {
      replace(id, values);
      continue;
    }
    const { shape } = graph.tensors.get(id) ?? foreignTensor(id);
    const inner = scale.length === 1 ? values.length : innerSize(shape, quantizedDimension);
    const quant = { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension };
    replace(id, roundWeights(values, { scale, inner, format }), quant);
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
    const planned = lookup(plan.activations, id);
    if (!planned) continue;
    const { format = INT8_ACTIVATION } = planned;
    if (format.kind === 'block' || (format.kind === 'float' && !format.scaled)) continue;
    const { estimator: _, ...kept } = lookup(tensors, id) ?? {};
    put(tensors, id, { ...kept, range: fittedRange({ scale, zeroPoint }, format) });
  }
  return { ...settings, tensors };
}

/** The range that leads to this grid when one is fitted to it. */
export function fittedRange(grid: TrainedGrid, format: NumberFormat): Range {
  if (!format.symmetric) return representableRange(grid, format);
  const max = grid.scale * extentOf(format).high;
  return { min: -max, max };
}

/** Whether every number in it is one: a step that diverged leaves others. */
export function isFiniteCheckpoint(checkpoint: QatCheckpoint): boolean {
  const arrays = [
    ...Object.values(checkpoint.weights).flatMap(({ values, scale }) => (scale ? [values, scale] : [values])),
    ...Object.values(checkpoint.biases),
    Float32Array.from(Object.values(checkpoint.activations), ({ scale }) => scale),
  ];
  return arrays.every((values) => values.every(Number.isFinite));
}
