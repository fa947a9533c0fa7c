import { keep, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { Graph, Tensor as GraphTensor } from '../../core/graph/graph';
import { tensorOf } from '../../core/graph/graph';
import type { Op } from '../../core/graph/ops/attrs';
import { definitionOf } from '../../core/graph/ops/table';
import { isFormat, roundedConstant, sameConstantRounding, type ConstantRounding } from './fake-quant/rounding';
import { kernelOf } from './kernels/table';
import type { Simulation } from './simulation';

/** One constant input of one op, in the layout its kernel takes. */
interface Slot {
  readonly op: Op;
  readonly index: number;
  readonly source: GraphTensor;
  /** The grid `value` was rounded to; null for the float values. */
  grid: ConstantRounding | null;
  value: Tensor;
}

/** A graph's constants as tfjs tensors, rounded to a simulation's grids. */
export class Constants {
  private readonly slots = new Map<Op, Map<number, Slot>>();

  constructor(graph: Graph, simulation: Simulation) {
    for (const op of graph.ops)
      op.inputs.forEach((id, index) => {
        const source = id === null ? null : tensorOf(graph, id);
        if (!source?.data) return;
        const slot = { op, index, source, grid: gridFor(op, index, source, simulation) };
        const slots = this.slots.get(op) ?? new Map<number, Slot>();
        this.slots.set(op, slots.set(index, { ...slot, value: materialize(slot) }));
      });
  }

  /** The constant at this input; undefined where the input is computed. */
  get(op: Op, index: number): Tensor | undefined {
    return this.slots.get(op)?.get(index)?.value;
  }

  /** Rounds to another simulation's grids; constants whose grid stays are left as they are. */
  apply(simulation: Simulation): void {
    for (const slots of this.slots.values())
      for (const slot of slots.values()) {
        const grid = gridFor(slot.op, slot.index, slot.source, simulation);
        if (sameConstantRounding(grid, slot.grid)) continue;
        const value = materialize({ ...slot, grid });
        slot.value.dispose();
        slot.grid = grid;
        slot.value = value;
      }
  }

  dispose(): void {
    for (const slots of this.slots.values()) for (const slot of slots.values()) slot.value.dispose();
    this.slots.clear();
  }
}

function gridFor(op: Op, index: number, { id }: GraphTensor, simulation: Simulation): ConstantRounding | null {
  const rule = definitionOf(op).quant;
  if (rule.kind === 'weighted' && index === rule.biasInput) return simulation.biases.get(op.id) ?? null;
  const weight = simulation.weights.get(id);
  if (weight) return weight;
  // A constant operand of an elementwise op is quantized as an activation is.
  const activation = simulation.activations.get(id);
  if (!activation || isFormat(activation)) return null;
  return { ...activation, scale: Float32Array.of(activation.scale), quantizedDimension: 0 };
}

function materialize({ op, index, source, grid }: Omit<Slot, 'value'>): Tensor {
  const values = floatValues(source);
  const rounded = grid ? roundedConstant(values, source.shape, grid) : values;
  const arrange = kernelOf(op.kind).arrange?.[index];
  return tidy(() => {
    const x = tensor(rounded, [...source.shape], 'float32');
    return keep(arrange ? arrange(x, op) : x);
  });
}

/** A constant's real values: what its integers stand for, where a quantized file stores integers. */
export function floatValues({ data, shape, quant }: GraphTensor): Float32Array {
  if (data instanceof Float32Array) return data;
  const values = Float32Array.from(data as Int32Array, Number);
  if (!quant) return values;
  const { scale, zeroPoint, quantizedDimension } = quant;
  const inner = scale.length === 1 ? values.length : shape.slice(quantizedDimension + 1).reduce((n, d) => n * d, 1);
  return values.map((q, i) => {
    const channel = Math.floor(i / inner) % scale.length;
    return (q - zeroPoint[zeroPoint.length === 1 ? 0 : channel]) * scale[channel];
  });
}
