import { add, clone, keep, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { elementCount, producers, tensorOf, withBatch, type Graph, type TensorId } from '../../../core/graph/graph';
import type { FusedActivation, Op } from '../../../core/graph/ops/attrs';
import type { Batch } from '../../types';
import { fakeQuantized } from '../fake-quant/activation';
import { gradientKernels } from '../gradients/kernel/kernel';
import type { Backward } from '../gradients/rules/rule';
import { ruleOf } from '../gradients/rules/table';
import { emptyTensor, offsetOf, ownsValues, viewSync } from '../heap';
import { activate } from '../kernels/activation';
import { kernelOf } from '../kernels/table';
import type { ActivationQuantizer } from './activation-quantizer';
import type { TrainedConstants } from './trained-constants';

/** Values that a fused activation lets through unchanged lie strictly between these. */
const OPEN_INTERVAL: Readonly<Record<FusedActivation, readonly [number, number]>> = {
  none: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
  reluN1To1: [-1, 1],
};

/** A forward pass and all that its way back needs. */
export class Pass {
  /** As their consumers see them: rounded. */
  readonly seen = new Map<TensorId, Tensor>();
  /** As their ops computed them, fused activation included. */
  readonly computed = new Map<TensorId, Tensor>();

  dispose(): void {
    for (const value of new Set([...this.seen.values(), ...this.computed.values()])) value.dispose();
    this.seen.clear();
    this.computed.clear();
  }
}

/** The part of a Graph that leads to some tensors, run forwards and backwards with fake quantizers in between. */
export class Network {
  private readonly ops: readonly Op[];
  /** Tensors that something trained has a part in. */
  private readonly dependent = new Set<TensorId>();
  private readonly sums: Tensor;

  /**
   * @param outputs what the loss sees
   * @param quantizerOf the quantizer that rounds a tensor, where one does
   * @param sources graph inputs whose gradients are asked for
   */
  constructor(
    private readonly graph: Graph,
    readonly outputs: readonly TensorId[],
    private readonly constants: TrainedConstants,
    private readonly quantizerOf: (id: TensorId) => ActivationQuantizer | undefined,
    private readonly sources: readonly TensorId[] = [],
  ) {
    this.ops = opsLeadingTo(graph, outputs);
    for (const id of sources) this.dependent.add(id);
    for (const op of this.ops) {
      const isTouched = op.inputs.some(
        (id, i) => id !== null && (this.dependent.has(id) || this.constants.isTrained(op, i)),
      );
      for (const id of op.outputs) if (isTouched || this.quantizerOf(id)?.mode === 'learned') this.dependent.add(id);
    }
    this.sums = emptyTensor([6]);
  }

  /** Ops that the way back leads through and no rule is known for. */
  get undifferentiable(): Op[] {
    return this.ops.filter((op) => op.outputs.some((id) => this.dependent.has(id)) && !ruleOf(op.kind));
  }

  /** @param observing activations' extrema go to their quantizers before they are rounded */
  forward({ size, inputs }: Batch, observing = false): Pass {
    const pass = new Pass();
    try {
      for (const id of this.graph.inputs) {
        const values = inputs.get(id);
        if (!values) continue;
        const shape = withBatch(tensorOf(this.graph, id).shape, size);
        if (values.length !== elementCount(shape)) throw new Error(`input "${id}" has ${values.length} values`);
        this.arrive(pass, id, tensor(values, shape, 'float32'), observing);
      }
      for (const op of this.ops) {
        const results = this.compute(op, pass);
        op.outputs.forEach((id, i) => this.arrive(pass, id, results[i], observing));
      }
      return pass;
    } catch (thrown) {
      pass.dispose();
      throw thrown;
    }
  }

  /**
   * Adds the gradients of constants and quantizers, from those of the loss with respect to the outputs. Takes both the pass
   * and the gradients over.
   * @returns the gradients of the sources
   */
  backward(pass: Pass, gradients: ReadonlyMap<TensorId, Tensor>): Map<TensorId, Tensor> {
    const dys = new Map(gradients);
    try {
      for (const op of [...this.ops].reverse()) {
        if (!op.outputs.some((id) => dys.has(id))) continue;
        const flowing = op.outputs.map((id) => this.throughQuantizer(op, id, pass, dys));
        const inputs = this.inputsOf(op, pass);
        const needs = op.inputs.map(
          (id, i) => id !== null && (this.constants.isTrained(op, i) || this.dependent.has(id)),
        );
        const results = this.differentiate({
          op,
          dys: flowing,
          inputs,
          wanted: needs,
          outputs: this.outputsOf(op, pass),
        });
        for (const dy of flowing) dy?.dispose();
        op.inputs.forEach((id, i) => this.deliver(op, i, id, results[i] ?? null, dys));
      }
      const answers = new Map(this.sources.flatMap((id) => (dys.has(id) ? [[id, dys.get(id)!] as const] : [])));
      for (const id of answers.keys()) dys.delete(id);
      return answers;
    } finally {
      for (const dy of dys.values()) dy.dispose();
      pass.dispose();
    }
  }

  dispose(): void {
    this.sums.dispose();
  }

  private arrive(pass: Pass, id: TensorId, value: Tensor, observing: boolean): void {
    const quantizer = this.quantizerOf(id);
    pass.computed.set(id, value);
    if (!quantizer) {
      pass.seen.set(id, value);
      return;
    }
    if (observing && quantizer.mode === 'observed') {
      gradientKernels().extrema(offsetOf(value), value.size, offsetOf(this.sums));
      const [min, max] = viewSync(this.sums);
      quantizer.observe(min, max);
    }
    pass.seen.set(id, fakeQuantized(value, quantizer.grid));
  }

  private inputsOf(op: Op, pass: Pass): (Tensor | null)[] {
    return op.inputs.map((id, i) => (id === null ? null : (this.constants.get(op, i) ?? pass.seen.get(id)!)));
  }

  private compute(op: Op, pass: Pass): Tensor[] {
    const kernel = kernelOf(op.kind);
    const context = { outputShapes: op.outputs.map((id) => tensorOf(this.graph, id).shape) };
    return tidy(() => {
      const inputs = this.inputsOf(op, pass).map((value, i) =>
        value && this.constants.get(op, i) === undefined ? (kernel.arrange?.[i]?.(value, op) ?? value) : value,
      );
      const results = [kernel.run(inputs, op, context)].flat();
      return kernel.activates ? results : results.map((y) => activate(y, op.activation));
    });
  }

  /** From the gradient with respect to a rounded output to that before rounding and fused activation. */
  private throughQuantizer(op: Op, id: TensorId, pass: Pass, dys: Map<TensorId, Tensor>): Tensor | null {
    const dy = dys.get(id);
    if (!dy) return null;
    dys.delete(id);
    const quantizer = this.quantizerOf(id);
    if (!quantizer && op.activation === 'none') return dy;
    const grid = quantizer?.grid;
    const value = pass.computed.get(id)!;
    const dx = ownsValues(dy) ? dy : emptyTensor(dy.shape);
    const [floor, ceil] = OPEN_INTERVAL[op.activation];
    const [low, high] = grid ? [grid.qmin - grid.zeroPoint, grid.qmax - grid.zeroPoint] : [-Infinity, Infinity];
    const at = offsetOf(this.sums);
    gradientKernels().fakeQuantGradient(
      offsetOf(value),
      offsetOf(dy),
      offsetOf(dx),
      value.size,
      grid?.scale ?? 1,
      low,
      high,
      floor,
      ceil,
      at,
    );
    if (quantizer?.mode === 'learned') {
      const bytes = viewSync(this.sums);
      const [rounding, below, above] = new Float64Array(bytes.buffer, bytes.byteOffset, 3);
      quantizer.addGradient({ rounding, below, above });
    }
    if (dx !== dy) dy.dispose();
    return dx;
  }

  private outputsOf(op: Op, pass: Pass): Tensor[] {
    return op.outputs.map((id) => pass.computed.get(id)!);
  }

  /** One op's rule; what it hands on of what it was given is handed on as a tensor of its own. */
  private differentiate(step: Backward): (Tensor | null)[] {
    const results: (Tensor | null)[] = [];
    tidy(() => {
      const given = new Set<Tensor | null>([...step.dys, ...step.inputs]);
      ruleOf(step.op.kind)!(step).forEach((dx, i) =>
        results.push(dx && step.wanted[i] ? keep(given.has(dx) ? clone(dx) : dx) : null),
      );
    });
    return results;
  }

  private deliver(op: Op, index: number, id: TensorId | null, dx: Tensor | null, dys: Map<TensorId, Tensor>): void {
    if (id === null || !dx) return;
    if (this.constants.isTrained(op, index)) {
      this.constants.addGradient(op, index, dx);
      dx.dispose();
      return;
    }
    const before = dys.get(id);
    dys.set(id, before ? tidy(() => keep(add(before, dx))) : dx);
    if (before) {
      before.dispose();
      dx.dispose();
    }
  }
}

function opsLeadingTo(graph: Graph, outputs: readonly TensorId[]): Op[] {
  const producerOf = producers(graph);
  const needed = new Set<Op>();
  const pending = [...outputs];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const op = producerOf.get(id);
    if (!op || needed.has(op)) continue;
    needed.add(op);
    for (const input of op.inputs) if (input !== null) pending.push(input);
  }
  return graph.ops.filter((op) => needed.has(op));
}
