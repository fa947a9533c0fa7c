/** A graph's constants while they are trained. */
import { lookup } from '../../../base/lookup';
import { keep, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { tensorOf, type Graph, type TensorId } from '../../../core/graph/graph';
import type { Op } from '../../../core/graph/ops/attrs';
import { definitionOf } from '../../../core/graph/ops/table';
import type { QuantPlan } from '../../../core/quantize/plan';
import type { TrainedWeights } from '../../../core/training/checkpoint';
import type { Parameter } from '../../../core/training/optimizers';
import { floatValues } from '../constants';
import { fakeQuantizeConstant, type ConstantGrid } from '../fake-quant/grid';
import { kernelOf } from '../kernels/table';
import type { Readback } from '../readback';
import { BatchNormalizer } from './batch-normalizer';
import { TrainedConstant } from './trained-constant';
import { weightQuantizer } from './weight-quantizer';

interface Slot {
  readonly op: Op;
  readonly index: number;
  readonly id: TensorId;
  value: Tensor | null;
}

/** The scale of each quantized op's input, which its bias is rounded by; null where that is no integer grid. */
export type InputScaleOf = (op: Op) => number | null;

export class TrainedConstants {
  readonly trained = new Map<TensorId, TrainedConstant>();
  private readonly slots = new Map<Op, Map<number, Slot>>();
  private readonly normalizers = new Map<Op, BatchNormalizer>();

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
        const values = floatValues(source);
        const { shape } = source;
        if (!role) {
          const grid = frozen(id);
          slot.value = upload(slot, grid ? fakeQuantizeConstant(values, shape, grid) : values, shape);
        } else if (!this.trained.has(id)) {
          const planned = role.kind === 'weights' ? lookup(plan.weights, id) : undefined;
          const quantizer = planned ? weightQuantizer(planned, shape) : null;
          this.trained.set(id, new TrainedConstant(id, role.kind, values.slice(), shape, role.axis, quantizer));
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

  /** The batch norm behind an op, while it is not folded. */
  normalizerOf(op: Op): BatchNormalizer | undefined {
    return this.normalizers.get(op);
  }

  /** Puts batch norm back behind those of these ops whose weights and bias are theirs alone. @returns how many */
  unfold(ops: Iterable<Op>): number {
    for (const op of ops) {
      const own = [...(this.slots.get(op)?.values() ?? [])].map(({ id }) => this.trained.get(id));
      const [weights, bias] = ['weights', 'bias'].map((role) => own.find((constant) => constant?.role === role));
      if (!weights || !bias || [weights, bias].some(({ id }) => this.users(id) > 1)) continue;
      const normalizer = new BatchNormalizer(bias.parameter);
      weights.normalizer = bias.normalizer = normalizer;
      this.normalizers.set(op, normalizer);
    }
    return this.normalizers.size;
  }

  eachNormalizer(visit: (normalizer: BatchNormalizer) => void): void {
    for (const normalizer of this.normalizers.values()) visit(normalizer);
  }

  /** Folds all batch norm for good. */
  fold(): void {
    const kept = this.checkpoint();
    this.normalizers.clear();
    for (const constant of this.trained.values()) {
      if (!constant.normalizer) continue;
      constant.normalizer = null;
      constant.restore(kept.get(constant.id)!);
    }
  }

  /** Rounds and uploads what the last step changed; for training, or as the file will have it. */
  upload(form: 'training' | 'folded' = 'training'): void {
    const rounded = new Map<TensorId, Float32Array>();
    for (const slots of this.slots.values())
      for (const slot of slots.values()) {
        const constant = this.trained.get(slot.id);
        if (!constant) continue;
        let values = rounded.get(slot.id);
        if (!values) rounded.set(slot.id, (values = form === 'folded' ? constant.folded() : constant.round()));
        const bias = this.biasGrid(slot);
        slot.value?.dispose();
        slot.value = upload(slot, bias ? fakeQuantizeConstant(values, constant.shape, bias) : values, constant.shape);
      }
  }

  /** Adds the gradient of one op's constant, with respect to the values that the op saw. Takes it over. */
  addGradient(op: Op, index: number, gradient: Tensor, readback: Readback): void {
    const { parameter } = this.trained.get(this.slots.get(op)!.get(index)!.id)!;
    readback.later(gradient, (values) => {
      for (let i = 0; i < values.length; i++) parameter.gradient[i] += values[i];
    });
  }

  /** Once a step's gradients are complete: from those of rounded values to those of the values and of their scales. */
  finishGradients(): void {
    for (const constant of this.trained.values()) constant.finishGradient();
  }

  /** After a step of the optimizer. */
  settle(): void {
    for (const constant of this.trained.values()) constant.settle();
    this.eachNormalizer((normalizer) => normalizer.settle());
  }

  /** Observed ranges: each channel's scale spans its values. */
  observe(): void {
    for (const constant of this.trained.values()) constant.observe();
  }

  weightParameters(): Parameter[] {
    const gains = [...this.normalizers.values()].map(({ gain }) => gain);
    return [...[...this.trained.values()].map(({ parameter }) => parameter), ...gains];
  }

  scaleParameters(): Parameter[] {
    return [...this.trained.values()].flatMap(({ quantizer }) => quantizer?.parameter ?? []);
  }

  /** Every constant as a checkpoint keeps it. */
  checkpoint(): Map<TensorId, TrainedWeights> {
    return new Map([...this.trained].map(([id, constant]) => [id, constant.foldedUnrounded()]));
  }

  dispose(): void {
    for (const slots of this.slots.values()) for (const { value } of slots.values()) value?.dispose();
    this.slots.clear();
  }

  /** Biases lie on the grid of the accumulator, s_in · s_w. */
  private biasGrid({ op, index }: Slot): ConstantGrid | null {
    const rule = definitionOf(op).quant;
    if (rule.kind !== 'weighted' || index !== rule.biasInput) return null;
    const weightId = op.inputs[rule.weightInput]!;
    const weightScale = lookup(this.plan.weights, weightId) ? this.trained.get(weightId)?.biasScale() : null;
    const inputScale = this.inputScaleOf(op);
    if (!weightScale || inputScale === null) return null;
    const scale = weightScale.map((s) => s * inputScale);
    return { scale, zeroPoint: 0, quantizedDimension: 0, qmin: -(2 ** 31), qmax: 2 ** 31 - 1 };
  }

  /** Ops that read a constant. */
  private users(id: TensorId): number {
    return [...this.slots.values()].filter((slots) => [...slots.values()].some((slot) => slot.id === id)).length;
  }
}

/** Weights and biases of weighted ops are trained; operands of elementwise ops and batch-norm statistics are not. */
function roleOf(op: Op, index: number): { readonly kind: 'weights' | 'bias'; readonly axis: number } | null {
  const rule = definitionOf(op).quant;
  if (rule.kind === 'recurrent') {
    if (rule.weightInputs.includes(index)) return { kind: 'weights', axis: 0 };
    return rule.biasInputs.includes(index) ? { kind: 'bias', axis: 0 } : null;
  }
  if (rule.kind !== 'weighted') return null;
  if (index === rule.weightInput) return { kind: 'weights', axis: rule.axis };
  return index === rule.biasInput ? { kind: 'bias', axis: 0 } : null;
}

function upload({ op, index }: Slot, values: Float32Array, shape: readonly number[]): Tensor {
  const arrange = kernelOf(op.kind).arrange?.[index];
  return tidy(() => {
    const x = tensor(values, [...shape], 'float32');
    return keep(arrange ? arrange(x, op) : x);
  });
}
