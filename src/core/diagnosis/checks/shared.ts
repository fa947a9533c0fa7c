/** What several checks ask. */
import { lookup } from '../../../base/lookup';
import { scalablePairs } from '../../algorithms/pairs';
import { consumers, producers, tensorOf, type OpId, type TensorId } from '../../graph/graph';
import type { Op } from '../../graph/ops/attrs';
import { definitionOf } from '../../graph/ops/table';
import { INT8_ACTIVATION, type IntFormat } from '../../number-formats/format';
import type { ActivationPlan } from '../../quantize/plan';
import type { TensorStats } from '../../calibration/types';
import type { Examined } from '../finding';
import { settingsFix, type Fix, type SettingsPatch } from '../fix';

export interface Proposal {
  readonly label: string;
  readonly patch: SettingsPatch;
}

/** Trained weights stand for the settings they were trained under: of these nothing can be changed any more. */
export function settingsFixes({ settings }: Examined, proposals: readonly Proposal[]): Fix[] {
  return settings.trained === undefined ? proposals.map(({ label, patch }) => settingsFix(label, patch)) : [];
}

export function shareOf({ shares }: Examined, op: OpId | undefined): number {
  return op === undefined ? 0 : (shares.get(op) ?? 0);
}

export function medianOf(values: ArrayLike<number>): number {
  const sorted = Array.from(values).sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.floor((sorted.length - 1) / 2)];
}

/** Equalization, where it is off and one of these layers has a neighbour to be equalized with. */
export function equalizing({ graph, settings }: Examined, layers: readonly OpId[]): Proposal[] {
  if (settings.algorithms?.some(({ id }) => id === 'cle')) return [];
  const reachable = scalablePairs(graph).some(({ from, to }) => layers.includes(from) || layers.includes(to));
  return reachable ? [{ label: 'Equalize channels', patch: { algorithms: ['cle'] } }] : [];
}

/** An activation that has a range of its own to choose, on an integer grid, with values to choose it by. */
export interface OwnRange {
  readonly tensor: TensorId;
  readonly planned: ActivationPlan;
  readonly format: IntFormat;
  readonly stats: TensorStats;
  /** Absent for graph inputs. */
  readonly producer: Op | undefined;
  /** The layer to show: the producer, or the first reader of a graph input. */
  readonly layer: OpId | undefined;
}

export function ownRanges({ graph, plan, calibration }: Examined): OwnRange[] {
  const producerOf = producers(graph);
  const readers = consumers(graph);
  return Object.values(plan.activations).flatMap((planned): OwnRange[] => {
    const { tensor, format = INT8_ACTIVATION, origin } = planned;
    const stats = lookup(calibration.activations, tensor);
    if (origin === 'shared' || origin === 'fixed' || format.kind !== 'int' || !stats || stats.count === 0) return [];
    const producer = producerOf.get(tensor);
    return [{ tensor, planned, format, stats, producer, layer: (producer ?? readers.get(tensor)?.[0])?.id }];
  });
}

/** A share of a layer's part in the output's noise: that of `part` among the errors the layer makes itself. */
export function ownShare(examined: Examined, { tensor, layer }: OwnRange, part: 'activation' | 'weights'): number {
  const split = lookup(examined.splits, tensor);
  if (!split) return 0;
  const own = split.clipping + split.rounding;
  const all = own + split.weights;
  return all > 0 ? (shareOf(examined, layer) * (part === 'weights' ? split.weights : own)) / all : 0;
}

/**
 * Ops that have to stay in float for a tensor's values never to be rounded: what computes it, what hands it on, and what
 * reads it.
 */
export function opsAround({ graph }: Examined, tensor: TensorId): OpId[] {
  const readers = consumers(graph);
  const producer = producers(graph).get(tensor);
  const around = new Set<OpId>(producer ? [producer.id] : []);
  const pending = [tensor];
  for (let id = pending.pop(); id !== undefined; id = pending.pop())
    for (const op of readers.get(id) ?? []) {
      if (around.has(op.id)) continue;
      around.add(op.id);
      if (definitionOf(op).quant.kind === 'same-scale') pending.push(...op.outputs);
    }
  return [...around];
}

export function keptInFloat(ops: readonly OpId[]): SettingsPatch {
  return { layers: Object.fromEntries(ops.map((op) => [op, { keepFloat: true }])) };
}

/** The op that writes a tensor, past those that only hand it on. */
export function originOf(
  { graph }: Examined,
  tensor: TensorId,
): { readonly op: Op; readonly past: readonly OpId[] } | null {
  const producerOf = producers(graph);
  const past: OpId[] = [];
  for (let op = producerOf.get(tensor); op;) {
    if (definitionOf(op).quant.kind !== 'same-scale') return { op, past };
    const inputs = op.inputs.filter((id): id is TensorId => id !== null && !tensorOf(graph, id).data);
    if (inputs.length !== 1) return { op, past };
    past.push(op.id);
    op = producerOf.get(inputs[0]);
  }
  return null;
}
