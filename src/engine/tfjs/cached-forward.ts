/**
 * Many runs of one batch that differ at one place each. The run they depart from is computed once and held; each of them
 * computes only what its difference reaches, which for a late layer is next to nothing.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Graph, OpId, TensorId } from '../../core/graph/graph';
import type { Op } from '../../core/graph/ops/attrs';
import type { Batch } from '../types';
import { fakeQuantize } from './fake-quant/activation';
import { sameActivationRounding, type ActivationRounding } from './fake-quant/rounding';
import { onWasm, viewSync } from './heap';
import type { TfjsModel, Visitor } from './model';
import { FLOAT, roundedActivations } from './simulation';

type Roundings = ReadonlyMap<TensorId, ActivationRounding>;

/** A difference, worked out once for all batches. */
export interface LayerAblation {
  /** Ops to compute, in order: those that differ, and those the difference reaches on its way to what is wanted. */
  readonly ops: readonly Op[];
  /** Those of them that take the other model's constants. */
  readonly swapped: ReadonlySet<OpId>;
  /** Graph inputs that are rounded otherwise. */
  readonly inputs: readonly TensorId[];
  readonly rounded: Roundings;
  /** How many of `ops` read each tensor that the detour computes. */
  readonly uses: ReadonlyMap<TensorId, number>;
  readonly want: readonly TensorId[];
}

export interface Difference {
  /** Roundings of activations on either way. */
  readonly from: Roundings;
  readonly to: Roundings;
  /** Ops that take the other model's constants. */
  readonly swapped: ReadonlySet<OpId>;
}

/** @param want tensors that are to be seen */
export function planDetour(graph: Graph, { from, to, swapped }: Difference, want: readonly TensorId[]): LayerAblation {
  const before = roundedActivations(graph, { ...FLOAT, activations: from });
  const rounded = roundedActivations(graph, { ...FLOAT, activations: to });
  const moved = (id: TensorId) => {
    const [a, b] = [before.get(id), rounded.get(id)];
    return a && b ? !sameActivationRounding(a, b) : a !== b;
  };
  const changed = new Set(graph.inputs.filter(moved));
  const reached = graph.ops.filter((op) => {
    const differs =
      swapped.has(op.id) || op.outputs.some(moved) || op.inputs.some((id) => id !== null && changed.has(id));
    if (differs) for (const id of op.outputs) changed.add(id);
    return differs;
  });
  // Of what is reached, only what leads on.
  const needed = new Set(want);
  const ops: Op[] = [];
  for (const op of reached.toReversed()) {
    if (!op.outputs.some((id) => needed.has(id))) continue;
    ops.unshift(op);
    for (const id of op.inputs) if (id !== null) needed.add(id);
  }
  const uses = new Map<TensorId, number>();
  for (const op of ops)
    for (const id of new Set(op.inputs)) if (id !== null && changed.has(id)) uses.set(id, (uses.get(id) ?? 0) + 1);
  const inputs = graph.inputs.filter((id) => changed.has(id) && needed.has(id));
  return { ops, swapped, inputs, rounded, uses, want };
}

/** The activations of one batch under one model, held until disposed of. */
export class CachedForward {
  private readonly values = new Map<TensorId, Tensor>();

  private constructor(
    private readonly model: TfjsModel,
    private readonly batch: Batch,
  ) {}

  /** @throws RangefinderError 'invalid-data', 'runtime-failed' */
  static of(model: TfjsModel, activations: Roundings, batch: Batch): CachedForward {
    const run = new CachedForward(model, batch);
    const rounded = roundedActivations(model.graph, { ...FLOAT, activations });
    const { values } = run;
    try {
      for (const id of model.graph.inputs) arrive(values, rounded, id, model.inputTensor(batch, id));
      for (const op of model.graph.ops) {
        const results = model.compute(op, values, rounded);
        op.outputs.forEach((id, i) => values.set(id, results[i]));
        op.outputs.forEach((id, i) => arrive(values, rounded, id, results[i]));
      }
    } catch (thrown) {
      run.dispose();
      throw thrown;
    }
    return run;
  }

  /** Shows what is wanted as the held run has it. */
  async show(want: readonly TensorId[], visitor: Visitor): Promise<void> {
    for (const id of want) await see(this.values.get(id)!, id, visitor);
  }

  /** Takes a detour, whose ops of their own have the constants of `other`, a model of the same ops and activations. */
  async take(detour: LayerAblation, other: TfjsModel, visitor: Visitor): Promise<void> {
    const { model, batch } = this;
    const own = new Map<TensorId, Tensor>();
    const left = new Map(detour.uses);
    const live = { get: (id: TensorId) => own.get(id) ?? this.values.get(id) };
    const isWanted = (id: TensorId) => detour.want.includes(id);
    const theirs = new Map(other.graph.ops.map((op) => [op.id, op]));
    try {
      for (const id of detour.inputs) arrive(own, detour.rounded, id, model.inputTensor(batch, id));
      for (const op of detour.ops) {
        const results = detour.swapped.has(op.id)
          ? other.compute(theirs.get(op.id)!, live, detour.rounded)
          : model.compute(op, live, detour.rounded);
        op.outputs.forEach((id, i) => own.set(id, results[i]));
        op.outputs.forEach((id, i) => arrive(own, detour.rounded, id, results[i]));
        for (const id of new Set(op.inputs)) {
          if (id === null || !own.has(id)) continue;
          left.set(id, left.get(id)! - 1);
          if (left.get(id) === 0 && !isWanted(id)) release(own, id);
        }
        for (const id of op.outputs) if (!left.has(id) && !isWanted(id)) release(own, id);
      }
      for (const id of detour.want) await see(live.get(id)!, id, visitor);
    } finally {
      for (const value of own.values()) value.dispose();
    }
  }

  dispose(): void {
    for (const value of this.values.values()) value.dispose();
    this.values.clear();
  }
}

function arrive(values: Map<TensorId, Tensor>, rounded: Roundings, id: TensorId, value: Tensor): void {
  values.set(id, value);
  const grid = rounded.get(id);
  if (grid) values.set(id, fakeQuantize(value, grid));
}

function release(values: Map<TensorId, Tensor>, id: TensorId): void {
  values.get(id)?.dispose();
  values.delete(id);
}

async function see(value: Tensor, id: TensorId, visitor: Visitor): Promise<void> {
  visitor(id, onWasm() ? viewSync(value) : ((await value.data()) as Float32Array));
}
