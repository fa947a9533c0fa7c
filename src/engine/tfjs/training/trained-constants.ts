/** A graph's constants while they are trained: plain arrays that are rounded and uploaded anew for each step. */
import { keep, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { tensorOf, type Graph, type TensorId } from '../../../core/graph/graph';
import type { Op } from '../../../core/graph/ops/attrs';
import { definitionOf } from '../../../core/graph/ops/table';
import { codeRange, INT8_WEIGHT } from '../../../core/numerics/format';
import type { QuantPlan, WeightPlan } from '../../../core/quantize/plan';
import type { Parameter } from '../../../core/training/optimizers';
import {
  gradientScale,
  innerSize,
  roundWeights,
  weightGradients,
  type ChannelGrid,
} from '../../../core/training/step-size';
import { floatValues } from '../constants';
import { integerFormat } from '../../../core/training/trainable';
import { fakeQuantizeConstant, type ConstantGrid } from '../fake-quant/grid';
import { viewSync } from '../heap';
import { kernelOf } from '../kernels/table';

/** A weight's scales stay above this part of what they started from. */
const SMALLEST = 1e-3;

/** Weights or a bias. */
interface Trained {
  readonly role: 'weights' | 'bias';
  readonly parameter: Parameter;
  readonly shape: readonly number[];
  /** Weights that are rounded. */
  readonly quantizer?: WeightQuantizer;
}

interface WeightQuantizer {
  readonly parameter: Parameter;
  readonly grid: ChannelGrid;
  readonly start: Float32Array;
  readonly step: number;
  readonly quantizedDimension: number;
}

interface Slot {
  readonly op: Op;
  readonly index: number;
  readonly id: TensorId;
  value: Tensor | null;
}

/** The grid of each quantized op's input, which its bias is rounded by. */
export type InputScaleOf = (op: Op) => number | null;

export class TrainedConstants {
  readonly trained = new Map<TensorId, Trained>();
  private readonly slots = new Map<Op, Map<number, Slot>>();

  /**
   * @param frozen grid of a constant operand that is no weight; null leaves it in float
   */
  constructor(
    graph: Graph,
    private readonly plan: QuantPlan,
    private readonly inputScaleOf: InputScaleOf,
    frozen: (id: TensorId) => ConstantGrid | null,
  ) {
    for (const op of graph.ops)
      op.inputs.forEach((id, index) => {
        const source = id === null ? null : tensorOf(graph, id);
        if (id === null || !source?.data) return;
        const role = roleOf(op, index);
        const slot: Slot = { op, index, id, value: null };
        const slots = this.slots.get(op) ?? new Map<number, Slot>();
        this.slots.set(op, slots.set(index, slot));
        if (!role) {
          const grid = frozen(id);
          const values = floatValues(source);
          slot.value = upload(slot, grid ? fakeQuantizeConstant(values, source.shape, grid) : values, source.shape);
        } else if (!this.trained.has(id)) {
          const values = floatValues(source).slice();
          const parameter = { values, gradient: new Float32Array(values.length), unit: sizeOf(values) };
          const planned = role === 'weights' ? plan.weights[id] : undefined;
          const quantizer = planned && weightQuantizer(planned, values.length, source.shape);
          this.trained.set(id, { role, parameter, shape: source.shape, ...(quantizer && { quantizer }) });
        }
      });
  }

  /** Whether a step changes this input. */
  isTrained(op: Op, index: number): boolean {
    const slot = this.slots.get(op)?.get(index);
    return slot !== undefined && this.trained.has(slot.id);
  }

  /** The constant at this input as the op's kernel takes it; undefined where the input is computed. */
  get(op: Op, index: number): Tensor | undefined {
    return this.slots.get(op)?.get(index)?.value ?? undefined;
  }

  /** Rounds and uploads what the last step changed. */
  upload(): void {
    const rounded = new Map<TensorId, Float32Array>();
    for (const slots of this.slots.values())
      for (const slot of slots.values()) {
        const trained = this.trained.get(slot.id);
        if (!trained) continue;
        let values = rounded.get(slot.id);
        if (!values) rounded.set(slot.id, (values = roundedValues(trained)));
        const bias = this.biasGrid(slot);
        slot.value?.dispose();
        slot.value = upload(slot, bias ? fakeQuantizeConstant(values, trained.shape, bias) : values, trained.shape);
      }
  }

  /** Adds the gradient of one op's constant, with respect to the values that the op saw. */
  addGradient(op: Op, index: number, gradient: Tensor): void {
    const { parameter } = this.trained.get(this.slots.get(op)!.get(index)!.id)!;
    const values = viewSync(gradient);
    for (let i = 0; i < values.length; i++) parameter.gradient[i] += values[i];
  }

  /** Once a step's gradients are complete: from those of rounded values to those of the values and of their scales. */
  finishGradients(): void {
    for (const { parameter, quantizer } of this.trained.values()) {
      if (!quantizer) continue;
      const { gradient } = quantizer.parameter;
      weightGradients(parameter.values, parameter.gradient, quantizer.grid, gradient);
      for (let c = 0; c < gradient.length; c++) gradient[c] *= quantizer.step;
    }
  }

  /** After a step of the optimizer. */
  settle(): void {
    for (const { parameter, quantizer } of this.trained.values()) {
      parameter.gradient.fill(0);
      if (!quantizer) continue;
      const { values, gradient } = quantizer.parameter;
      for (let c = 0; c < values.length; c++) values[c] = Math.max(values[c], quantizer.start[c] * SMALLEST);
      gradient.fill(0);
    }
  }

  /** Observed ranges: each channel's scale spans its values. */
  observe(): void {
    for (const { parameter, quantizer } of this.trained.values()) {
      if (!quantizer) continue;
      const { scale, inner, bound } = quantizer.grid;
      const largest = new Float64Array(scale.length);
      parameter.values.forEach((value, i) => {
        const c = Math.floor(i / inner) % scale.length;
        largest[c] = Math.max(largest[c], Math.abs(value));
      });
      for (let c = 0; c < scale.length; c++) if (largest[c] > 0) scale[c] = largest[c] / bound;
    }
  }

  weightParameters(): Parameter[] {
    return [...this.trained.values()].map(({ parameter }) => parameter);
  }

  scaleParameters(): Parameter[] {
    return [...this.trained.values()].flatMap(({ quantizer }) => (quantizer ? [quantizer.parameter] : []));
  }

  dispose(): void {
    for (const slots of this.slots.values()) for (const { value } of slots.values()) value?.dispose();
    this.slots.clear();
  }

  /** Biases lie on the grid of the accumulator, s_in · s_w. */
  private biasGrid({ op, index }: Slot): ConstantGrid | null {
    const rule = definitionOf(op).quant;
    if (rule.kind !== 'weighted' || index !== rule.biasInput) return null;
    const weight = this.trained.get(op.inputs[rule.weightInput]!)?.quantizer;
    const inputScale = this.inputScaleOf(op);
    if (!weight || inputScale === null || !this.plan.weights[op.inputs[rule.weightInput]!]) return null;
    const scale = weight.grid.scale.map((s) => s * inputScale);
    return { scale, zeroPoint: 0, quantizedDimension: 0, qmin: -(2 ** 31), qmax: 2 ** 31 - 1 };
  }
}

/** The root mean square of a constant, for each of its values: folding batch norm and raw pixels make some a thousandth. */
function sizeOf(values: Float32Array): Float32Array {
  const square = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  return new Float32Array(values.length).fill(square > 0 ? Math.sqrt(square) : 1);
}

/** Weights and biases of weighted ops are trained; operands of elementwise ops and batch-norm statistics are not. */
function roleOf(op: Op, index: number): 'weights' | 'bias' | null {
  const rule = definitionOf(op).quant;
  if (rule.kind !== 'weighted') return null;
  return index === rule.weightInput ? 'weights' : index === rule.biasInput ? 'bias' : null;
}

function weightQuantizer(planned: WeightPlan, count: number, shape: readonly number[]): WeightQuantizer {
  const { scale, quantizedDimension } = planned.params;
  const bound = codeRange(integerFormat(planned, INT8_WEIGHT)).qmax;
  const own = scale.slice();
  const inner = own.length === 1 ? count : innerSize(shape, quantizedDimension);
  return {
    parameter: { values: own, gradient: new Float32Array(own.length), unit: scale.slice() },
    grid: { scale: own, inner, bound },
    start: scale.slice(),
    step: gradientScale(count / own.length, bound),
    quantizedDimension,
  };
}

function roundedValues({ parameter, quantizer }: Trained): Float32Array {
  return quantizer ? roundWeights(parameter.values, quantizer.grid) : parameter.values;
}

function upload({ op, index }: Slot, values: Float32Array, shape: readonly number[]): Tensor {
  const arrange = kernelOf(op.kind).arrange?.[index];
  return tidy(() => {
    const x = tensor(values, [...shape], 'float32');
    return keep(arrange ? arrange(x, op) : x);
  });
}
