import { add, clone, keep, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { elementCount, producers, tensorOf, withBatch, type Graph, type TensorId } from '../../../core/graph/graph';
import type { Op } from '../../../core/graph/ops/attrs';
import { definitionOf } from '../../../core/graph/ops/table';
import type { Batch } from '../../types';
import { fakeQuantized } from '../fake-quant/activation';
import { activationGradient, extrema, roundingGradient } from '../gradients/rounding';
import type { Backward } from '../gradients/rules/rule';
import { ruleOf, STEPS } from '../gradients/rules/table';
import type { Readback } from '../readback';
import { runOp } from '../run-op';
import type { ActivationQuantizer } from './activation-quantizer';
import type { Normalized } from './batch-normalizer';
import type { TrainedConstants } from './trained-constants';

/** training: batch norm that is not folded normalizes by the batch. folded: constants are uploaded with it folded. */
export type PassMode = 'training' | 'folded';

/** A forward pass and all that its way back needs. */
export class Pass {
  /** As their consumers see them: rounded. */
  readonly seen = new Map<TensorId, Tensor>();
  /** As their ops computed them, fused activation included. */
  readonly computed = new Map<TensorId, Tensor>();
  readonly normalized = new Map<Op, Normalized>();

  constructor(readonly mode: PassMode) {}

  dispose(): void {
    const inner = [...this.normalized.values()].flatMap(({ y, mean, inverse }) => [y, mean, inverse]);
    for (const value of new Set([...this.seen.values(), ...this.computed.values(), ...inner])) value.dispose();
    this.seen.clear();
    this.computed.clear();
    this.normalized.clear();
  }
}

/**
 * The part of a Graph that leads to some tensors, run forwards and backwards with fake quantizers in between, on whatever
 * backend is set. Nothing here waits; what is wanted of a pass in the end goes through a {@link Readback}.
 */
export class Network {
  private readonly ops: readonly Op[];
  /** Tensors that something trained has a part in. */
  private readonly dependent = new Set<TensorId>();

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
      const isTouched =
        !STEPS.has(op.kind) &&
        op.inputs.some((id, i) => id !== null && (this.dependent.has(id) || this.constants.isTrained(op, i)));
      for (const id of op.outputs) if (isTouched || this.quantizerOf(id)?.mode === 'learned') this.dependent.add(id);
    }
  }

  /** Ops that the way back leads through and no rule is known for; steps, where it ends at them before any weights. */
  get undifferentiable(): Op[] {
    const unknown = this.ops.filter((op) => op.outputs.some((id) => this.dependent.has(id)) && !ruleOf(op.kind));
    if (unknown.length > 0) return unknown;
    const steps = (op: Op) => STEPS.has(op.kind);
    const reached = opsLeadingTo(this.graph, this.outputs, steps);
    const learns = reached.some((op) => !steps(op) && op.inputs.some((_, i) => this.constants.isTrained(op, i)));
    return learns ? [] : reached.filter(steps);
  }

  /** @param observing activations' extrema go to their quantizers */
  forward({ size, inputs }: Batch, readback: Readback, mode: PassMode = 'training', observing = false): Pass {
    const pass = new Pass(mode);
    try {
      for (const id of this.graph.inputs) {
        const values = inputs.get(id);
        if (!values) continue;
        const shape = withBatch(tensorOf(this.graph, id).shape, size);
        if (values.length !== elementCount(shape)) throw new Error(`input "${id}" has ${values.length} values`);
        this.arrive(pass, id, tensor(values, shape, 'float32'), readback, observing);
      }
      for (const op of this.ops) {
        const results = this.compute(op, pass, readback);
        op.outputs.forEach((id, i) => this.arrive(pass, id, results[i], readback, observing));
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
  backward(pass: Pass, gradients: ReadonlyMap<TensorId, Tensor>, readback: Readback): Map<TensorId, Tensor> {
    const dys = new Map(gradients);
    try {
      for (const op of [...this.ops].reverse()) {
        if (!op.outputs.some((id) => dys.has(id))) continue;
        const flowing = op.outputs.map((id) => this.throughQuantizer(op, id, pass, dys, readback));
        if (STEPS.has(op.kind)) {
          for (const dy of flowing) dy?.dispose();
          continue;
        }
        const results = this.differentiate(op, flowing, pass, readback);
        for (const dy of flowing) dy?.dispose();
        op.inputs.forEach((id, i) => this.deliver(op, i, id, results[i] ?? null, dys, readback));
      }
      const answers = new Map(this.sources.flatMap((id) => (dys.has(id) ? [[id, dys.get(id)!] as const] : [])));
      for (const id of answers.keys()) dys.delete(id);
      return answers;
    } finally {
      for (const dy of dys.values()) dy.dispose();
      pass.dispose();
    }
  }

  private arrive(pass: Pass, id: TensorId, value: Tensor, readback: Readback, observing: boolean): void {
    const quantizer = this.quantizerOf(id);
    pass.computed.set(id, value);
    if (!quantizer) {
      pass.seen.set(id, value);
      return;
    }
    if (observing && quantizer.mode === 'observed')
      readback.later(extrema(value), ([min, max]) => quantizer.observe(min, max));
    pass.seen.set(id, fakeQuantized(value, quantizer.rounding));
  }

  private inputsOf(op: Op, pass: Pass): (Tensor | null)[] {
    return op.inputs.map((id, i) => (id === null ? null : (this.constants.get(op, i) ?? pass.seen.get(id)!)));
  }

  private compute(op: Op, pass: Pass, readback: Readback): Tensor[] {
    const normalizer = pass.mode === 'training' ? this.constants.normalizerOf(op) : undefined;
    const inputs = this.inputsOf(op, pass);
    if (!normalizer) return this.run(op, inputs);
    const [y] = this.run(op, inputs.with(biasInputOf(op), null), 'none');
    const { z, saved } = normalizer.forward(y, op.activation, readback);
    pass.normalized.set(op, saved);
    return [z];
  }

  private run(op: Op, inputs: readonly (Tensor | null)[], activation = op.activation): Tensor[] {
    const operands = inputs.map((value, i) => value && { value, isArranged: this.constants.get(op, i) !== undefined });
    return runOp(this.graph, { ...op, activation }, operands, this.quantizerOf(op.outputs[0])?.rounding);
  }

  /** From the gradient with respect to a rounded output to that before rounding and fused activation. */
  private throughQuantizer(
    op: Op,
    id: TensorId,
    pass: Pass,
    dys: Map<TensorId, Tensor>,
    readback: Readback,
  ): Tensor | null {
    const dy = dys.get(id);
    if (!dy) return null;
    dys.delete(id);
    const quantizer = this.quantizerOf(id);
    const value = pass.computed.get(id)!;
    const { low, high } = quantizer?.bounds ?? UNBOUNDED;
    if (!quantizer || low === -Infinity) return activationGradient(dy, value, op.activation);
    const { dx, sums } = roundingGradient(dy, { value, rounded: pass.seen.get(id)!, low, high }, op.activation);
    if (quantizer.mode !== 'learned') sums.dispose();
    else readback.later(sums, ([moved, below, above]) => quantizer.addGradient({ moved, below, above }));
    return dx;
  }

  /** One op's rule; what it hands on of what it was given is handed on as a tensor of its own. */
  private differentiate(
    op: Op,
    flowing: readonly (Tensor | null)[],
    pass: Pass,
    readback: Readback,
  ): (Tensor | null)[] {
    const inputs = this.inputsOf(op, pass);
    const outputs = op.outputs.map((id) => pass.computed.get(id)!);
    const normalized = pass.normalized.get(op);
    const wanted = op.inputs.map(
      (id, i) =>
        id !== null &&
        !(normalized && i === biasInputOf(op)) &&
        (this.constants.isTrained(op, i) || this.dependent.has(id)),
    );
    const results: (Tensor | null)[] = [];
    tidy(() => {
      const dys = normalized ? [this.constants.normalizerOf(op)!.backward(flowing[0]!, normalized, readback)] : flowing;
      const given = new Set<Tensor | null>([...dys, ...inputs]);
      const step: Backward = { op, dys, inputs, wanted, outputs };
      ruleOf(op.kind)!(step).forEach((dx, i) =>
        results.push(dx && wanted[i] ? keep(given.has(dx) ? clone(dx) : dx) : null),
      );
    });
    return results;
  }

  private deliver(
    op: Op,
    index: number,
    id: TensorId | null,
    dx: Tensor | null,
    dys: Map<TensorId, Tensor>,
    readback: Readback,
  ): void {
    if (id === null || !dx) return;
    if (this.constants.isTrained(op, index)) return this.constants.addGradient(op, index, dx, readback);
    const before = dys.get(id);
    dys.set(id, before ? tidy(() => keep(add(before, dx))) : dx);
    if (before) {
      before.dispose();
      dx.dispose();
    }
  }
}

function biasInputOf(op: Op): number {
  const rule = definitionOf(op).quant;
  return rule.kind === 'weighted' ? rule.biasInput : -1;
}

const UNBOUNDED = { low: -Infinity, high: Infinity };

/** @param endsAt ops whose inputs are not followed */
function opsLeadingTo(graph: Graph, outputs: readonly TensorId[], endsAt: (op: Op) => boolean = () => false): Op[] {
  const producerOf = producers(graph);
  const needed = new Set<Op>();
  const pending = [...outputs];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const op = producerOf.get(id);
    if (!op || needed.has(op)) continue;
    needed.add(op);
    if (endsAt(op)) continue;
    for (const input of op.inputs) if (input !== null) pending.push(input);
  }
  return graph.ops.filter((op) => needed.has(op));
}
