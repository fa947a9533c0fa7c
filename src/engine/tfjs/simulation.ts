/** Which tensors a simulation of the quantized model rounds, and to which grids. */
import { lookup } from '../../base/lookup';
import type { DType, Graph, OpId, QuantParams, TensorId } from '../../core/graph/graph';
import { tensorOf } from '../../core/graph/graph';
import type { Op, OpKind } from '../../core/graph/ops/attrs';
import { definitionOf } from '../../core/graph/ops/table';
import { codeRange, INT8_ACTIVATION, INT8_WEIGHT } from '../../core/number-formats/format';
import type { ActivationPlan, QuantizedPart, QuantPlan } from '../../core/quantize/plan';
import type { ConstantGrid, Grid } from './fake-quant/grid';
import { sameActivationRounding, type ActivationRounding, type ConstantRounding } from './fake-quant/rounding';

export interface Simulation {
  readonly activations: ReadonlyMap<TensorId, ActivationRounding>;
  readonly weights: ReadonlyMap<TensorId, ConstantRounding>;
  /** By op: two ops may share a bias of zeros, yet their scales s_in · s_w differ. */
  readonly biases: ReadonlyMap<OpId, ConstantGrid>;
}

export const FLOAT: Simulation = { activations: new Map(), weights: new Map(), biases: new Map() };

const INT8 = { qmin: -128, qmax: 127 };
const INT32 = { qmin: -(2 ** 31), qmax: 2 ** 31 - 1 };

/**
 * What the file that a plan leads to computes, with its rounding and clamping done in float; for formats that no file holds,
 * what hardware would compute that multiplies their values exactly and adds them in float32, biases included.
 */
export function simulationOf(graph: Graph, plan: QuantPlan, part: QuantizedPart = 'both'): Simulation {
  const simulation = { activations: new Map<TensorId, ActivationRounding>(), weights: new Map(), biases: new Map() };
  for (const op of graph.ops) {
    if (part !== 'activations') addConstants(op, plan, simulation);
    if (part === 'weights') continue;
    for (const id of op.outputs) addActivation(id, plan, simulation.activations);
    for (const id of op.inputs)
      if (id !== null && (graph.inputs.includes(id) || tensorOf(graph, id).data))
        addActivation(id, plan, simulation.activations);
  }
  return simulation;
}

function addActivation(id: TensorId, plan: QuantPlan, activations: Map<TensorId, ActivationRounding>): void {
  const planned = lookup(plan.activations, id);
  if (planned) activations.set(id, roundingOf(planned));
}

function roundingOf({ params, format = INT8_ACTIVATION }: ActivationPlan): ActivationRounding {
  return format.kind === 'int' ? gridOf(params, codeRange(format)) : { format, scale: params.scale[0] };
}

function gridOf(params: QuantParams, bounds: { qmin: number; qmax: number }): Grid {
  return { scale: params.scale[0], zeroPoint: params.zeroPoint[0], ...bounds };
}

function addConstants(
  op: Op,
  plan: QuantPlan,
  { weights, biases }: { weights: Map<TensorId, ConstantRounding>; biases: Map<OpId, ConstantGrid> },
): void {
  const rule = definitionOf(op).quant;
  // Their biases have steps of a thousandth of what a gate sees, and stay as they are.
  if (rule.kind === 'recurrent') for (const index of rule.weightInputs) addWeights(op.inputs[index]!, plan, weights);
  if (rule.kind !== 'weighted') return;
  const id = op.inputs[rule.weightInput] ?? null;
  const weight = id === null ? undefined : lookup(plan.weights, id);
  if (id === null || !weight) return;
  if (!addWeights(id, plan, weights)) return;
  const { scale } = weight.params;
  const input = op.inputs[0] === null ? undefined : lookup(plan.activations, op.inputs[0]);
  // A bias beside 16-bit activations has 64 bits: float32 is coarser.
  const codes = input?.format ?? INT8_ACTIVATION;
  if (input && codes.kind === 'int' && codes.bits <= 8 && (op.inputs[rule.biasInput] ?? null) !== null)
    biases.set(op.id, {
      scale: scale.map((s) => s * input.params.scale[0]),
      zeroPoint: 0,
      quantizedDimension: 0,
      ...INT32,
    });
}

/** @returns whether they lie on a plain grid of integers around zero, so that accumulators do, too */
function addWeights(id: TensorId, plan: QuantPlan, weights: Map<TensorId, ConstantRounding>): boolean {
  const weight = lookup(plan.weights, id);
  if (!weight) return false;
  const { params, ranges, format = INT8_WEIGHT, block } = weight;
  const { scale, quantizedDimension } = params;
  if (format.kind !== 'int' || !format.symmetric || block !== undefined) {
    weights.set(id, { format, ranges, axis: quantizedDimension, ...(block !== undefined && { block }) });
    return false;
  }
  weights.set(id, { scale, zeroPoint: 0, quantizedDimension, ...codeRange(format) });
  return true;
}

const BOUNDS: Readonly<Partial<Record<DType, { qmin: number; qmax: number }>>> = {
  int8: INT8,
  uint8: { qmin: 0, qmax: 255 },
  int16: { qmin: -32768, qmax: 32767 },
};

/** The parameters which a quantized file carries: running it so shows what its integers stand for. */
export function ownSimulation(graph: Graph): Simulation {
  const activations = new Map<TensorId, Grid>();
  for (const { id, dtype, quant, data } of graph.tensors.values()) {
    const bounds = BOUNDS[dtype];
    if (bounds && quant && !data && quant.scale.length === 1) activations.set(id, gridOf(quant, bounds));
  }
  return { ...FLOAT, activations };
}

/** Ops whose outputs are some of their inputs' values. A pad of 0 is on every grid. */
const SELECTING: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['reshape', 'transpose', 'slice', 'stridedSlice', 'split', 'concat', 'identity'] as const),
  ...(['spaceToDepth', 'depthToSpace', 'resizeNearest', 'maxPool2d', 'reduceMax', 'reduceMin'] as const),
  ...(['maximum', 'minimum', 'gather', 'tile', 'pack', 'unpack', 'mirrorPad', 'topK'] as const),
  ...(['gatherNd', 'broadcastTo', 'reverse', 'spaceToBatch', 'batchToSpace'] as const),
]);

/** The activations that need rounding: values picked from tensors that are on the same grid already are left out. */
export function roundedActivations(graph: Graph, { activations }: Simulation): Map<TensorId, ActivationRounding> {
  const rounded = new Map(activations);
  for (const op of graph.ops) {
    const selects = SELECTING.has(op.kind) || (op.kind === 'pad' && op.attrs.value === 0);
    if (!selects || op.activation !== 'none') continue;
    for (const output of op.outputs) {
      const grid = activations.get(output);
      if (grid && op.inputs.every((id) => id !== null && sameRounding(grid, activations.get(id))))
        rounded.delete(output);
    }
  }
  return rounded;
}

function sameRounding(a: ActivationRounding, b: ActivationRounding | undefined): boolean {
  return b !== undefined && sameActivationRounding(a, b);
}
