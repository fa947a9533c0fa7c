/** A model in float and quantized, op by op beside each other: where the error of each tensor comes from can be told. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { tensorOf, type TensorId } from '../../core/graph/graph';
import type { ErrorStages } from '../../core/metrics/error-split';
import type { Batch } from '../types';
import { fakeQuantize } from './fake-quant/activation';
import { viewSync } from './heap';
import type { TfjsModel } from './model';
import { roundedActivations, type Simulation } from './simulation';

/** Sees one tensor at its stages; they are gone when it returns. */
export type StagesVisitor = (id: TensorId, stages: ErrorStages) => void;

/**
 * Every layer is computed three times: in float; in float from the quantized model's inputs; and from those with the
 * quantized model's constants, before and after its output is rounded.
 *
 * @param float and `quantized`, models of the same ops and activations
 * @param simulation of the quantized model
 * @param want tensors that the visitor is shown
 * @throws RangefinderError 'invalid-data', 'runtime-failed'
 */
export function runSideBySide(
  float: TfjsModel,
  quantized: TfjsModel,
  simulation: Simulation,
  batch: Batch,
  want: ReadonlySet<TensorId>,
  visitor: StagesVisitor,
): void {
  const rounded = roundedActivations(quantized.graph, simulation);
  const exact = new Map<TensorId, Tensor>();
  const seen = new Map<TensorId, Tensor>();
  /** Of this op alone. */
  const passing: Tensor[] = [];
  const left = new Map<TensorId, number>();
  for (const op of quantized.graph.ops)
    for (const id of new Set(op.inputs)) if (id !== null) left.set(id, (left.get(id) ?? 0) + 1);

  const arrive = (id: TensorId, carried: Tensor): void => {
    const shown = want.has(id);
    const value = seen.get(id)!;
    const grid = rounded.get(id);
    // Rounding works in place: what is to be seen of the time before is copied.
    const before = shown && grid ? viewSync(value).slice() : null;
    if (grid) seen.set(id, fakeQuantize(value, grid));
    if (!shown) return;
    // No tfjs call between taking views of the heap and looking at them: it may grow and detach them.
    const after = viewSync(seen.get(id)!);
    const unrounded = before ?? after;
    const float = viewSync(exact.get(id)!);
    visitor(id, { float, carried: carried === value ? unrounded : viewSync(carried), unrounded, rounded: after });
  };
  const release = (id: TensorId): void => {
    for (const values of [exact, seen]) {
      values.get(id)?.dispose();
      values.delete(id);
    }
  };

  const twins = new Map(float.graph.ops.map((op) => [op.id, op]));
  try {
    for (const id of quantized.graph.inputs) {
      exact.set(id, float.inputTensor(batch, id));
      seen.set(id, quantized.inputTensor(batch, id));
      arrive(id, exact.get(id)!);
    }
    for (const op of quantized.graph.ops) {
      const twin = twins.get(op.id)!;
      const hasConstants = op.inputs.some((id) => id !== null && tensorOf(quantized.graph, id).data);
      float.compute(twin, exact).forEach((value, i) => exact.set(twin.outputs[i], value));
      quantized.compute(op, seen).forEach((value, i) => seen.set(op.outputs[i], value));
      if (hasConstants) passing.push(...float.compute(twin, seen));
      op.outputs.forEach((id, i) => arrive(id, passing[i] ?? seen.get(id)!));
      for (const value of passing.splice(0)) value.dispose();
      for (const id of new Set(op.inputs)) {
        if (id === null || !left.has(id)) continue;
        left.set(id, left.get(id)! - 1);
        if (left.get(id) === 0) release(id);
      }
      for (const id of op.outputs) if (!left.has(id)) release(id);
    }
  } finally {
    for (const value of [...exact.values(), ...seen.values(), ...passing]) value.dispose();
  }
}
