import type { RangefinderError } from '../../base/errors';
import {
  REPLAY_SLOTS,
  rowOf,
  type JobName,
  type PartialResult,
  type ReplaySlot,
  type Restoring,
  type Result,
  type Spec,
} from '../contract/jobs';

/**
 * A job's input: the spec itself, or, where it holds files, how to make it anew. The page keeps `File` handles, reads them
 * when a worker needs them and transfers the bytes, so nothing is kept twice or copied on the main thread.
 */
export type SpecSource<N extends JobName> =
  Spec<N> extends { readonly files: readonly unknown[] } ? () => Promise<Spec<N>> : Spec<N>;

export interface ReplayStep<N extends JobName = JobName> {
  readonly name: N;
  readonly source: SpecSource<N>;
}

type AnyStep = { [N in JobName]: ReplayStep<N> }[JobName];

/** Trained weights remembered at most, a model's size each: those which a job named last. */
const KEPT_TRAININGS = 6;

/** The one step of a slot that holds one thing only. */
const ONLY = '';

/** Remembers what a fresh worker has to be told to stand where the old one stood, as the jobs' rows say. */
export class ReplayMemory {
  /** By slot, steps by name; the most recently used come last. */
  private readonly slots = new Map<ReplaySlot, Map<string, AnyStep>>(REPLAY_SLOTS.map((slot) => [slot, new Map()]));
  /** The best so far of the training that runs. */
  private bestSoFar: string | null = null;

  /** Takes note of a job that succeeded. */
  succeeded<N extends JobName>(name: N, source: SpecSource<N>, result: Result<N>): void {
    const { replay } = rowOf(name);
    if (replay) {
      for (const slot of replay.clears ?? []) this.slot(slot).clear();
      const restoring = replay.restore?.(result, source as Spec<N>);
      // What came in parts as well replaces them.
      if (restoring && replay.partial?.when === 'arrived') this.better(restoring);
      else this.keep(replay.slot, restoring ?? ({ name, source } as AnyStep));
      if (replay.partial?.when === 'arrived') this.bestSoFar = null;
    }
    this.used(source);
  }

  /** The best epoch of a training outlives it however it ends, also with its worker. */
  arrived<N extends JobName>(name: N, partial: PartialResult<N>): void {
    const worth = rowOf(name).replay?.partial;
    if (worth?.when !== 'arrived') return;
    const restoring = worth.restore(partial);
    if (restoring) this.better(restoring);
  }

  /** Takes note of a job that failed or was cancelled. */
  failed<N extends JobName>(name: N, error: RangefinderError, lastPartial: PartialResult<N> | null): void {
    const { replay } = rowOf(name);
    if (!replay?.partial) return;
    if (replay.partial.when === 'arrived') this.bestSoFar = null;
    else if (error.code === 'cancelled' && lastPartial) {
      const restoring = replay.partial.restore(lastPartial);
      if (restoring) this.keep(replay.slot, restoring);
    }
  }

  steps(): readonly AnyStep[] {
    return [...this.slots.values()].flatMap((slot) => [...slot.values()]);
  }

  forget(): void {
    for (const slot of this.slots.values()) slot.clear();
    this.bestSoFar = null;
  }

  private slot(slot: ReplaySlot): Map<string, AnyStep> {
    return this.slots.get(slot)!;
  }

  private better(step: Restoring): void {
    const trainings = this.slot('training');
    const key = keyOf(step);
    if (this.bestSoFar !== null && this.bestSoFar !== key) trainings.delete(this.bestSoFar);
    // An equal run may have left the same weights before, and settings may name them.
    if (this.bestSoFar !== key) this.bestSoFar = trainings.has(key) ? null : key;
    this.keep('training', step);
  }

  private keep(name: ReplaySlot, step: AnyStep): void {
    const slot = this.slot(name);
    slot.delete(keyOf(step)); // the most recently used come last
    slot.set(keyOf(step), step);
    for (const old of slot.keys()) {
      if (slot.size <= KEPT_TRAININGS) break;
      slot.delete(old);
    }
  }

  /** Settings that name trained weights need them again. */
  private used(source: unknown): void {
    const id = (source as { settings?: { trained?: string } }).settings?.trained;
    const step = id === undefined ? undefined : this.slot('training').get(id);
    if (step) this.keep('training', step);
  }
}

/** Trained weights go by their names; any other slot holds one step. */
function keyOf(step: AnyStep): string {
  return step.name === 'restoreTraining' ? step.source.id : ONLY;
}
