import type { RangefinderError } from '../../base/errors';
import type { Calibration } from '../../core/quantize/plan';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import type { JobName, PartialResult, Result, Spec } from '../contract/protocol';
import type { QatProgress, QatResult } from '../contract/qat-protocol';

/**
 * A job's input: the spec itself, or, where it holds files, how to make it anew. The page keeps `File` handles, reads them
 * when a worker needs them and transfers the bytes, so nothing is kept twice or copied on the main thread.
 */
export type SpecSource<N extends JobName> = N extends 'openModel' | 'openData' ? () => Promise<Spec<N>> : Spec<N>;

export interface ReplayStep<N extends JobName = JobName> {
  readonly name: N;
  readonly source: SpecSource<N>;
}

type AnyStep = { [N in JobName]: ReplayStep<N> }[JobName];

/** Trained weights remembered at most, a model's size each: those which a job named last. */
const KEPT_TRAININGS = 6;

/** Remembers what a fresh worker has to be told to stand where the old one stood. */
export class ReplayMemory {
  private model: ReplayStep<'openModel'> | null = null;
  private data: ReplayStep<'openData'> | ReplayStep<'randomData'> | null = null;
  private change: ReplayStep<'changeData'> | null = null;
  private calibration: Calibration | null = null;
  private readonly trainings = new Map<string, QatCheckpoint>();
  /** The best so far of the training that runs. */
  private bestSoFar: string | null = null;

  /** Takes note of a job that succeeded. */
  succeeded<N extends JobName>(name: N, source: SpecSource<N>, result: Result<N>): void {
    const step = { name, source } as AnyStep;
    switch (step.name) {
      case 'openModel':
        this.model = step;
        this.calibration = null;
        this.trainings.clear();
        break;
      case 'openData':
      case 'randomData':
        this.data = step;
        this.change = null;
        this.calibration = null;
        break;
      case 'changeData':
        this.change = step;
        this.calibration = null;
        break;
      case 'calibrate':
        this.calibration = result as Calibration;
        break;
      case 'restoreCalibration':
        this.calibration = step.source.calibration;
        break;
      case 'qat': {
        const { id, checkpoint } = result as QatResult;
        this.better(id, checkpoint);
        this.bestSoFar = null;
        break;
      }
      case 'restoreTraining':
        this.keepTraining(step.source.id, step.source.checkpoint);
        break;
    }
    this.used(source);
  }

  /** The best epoch of a training outlives it however it ends, also with its worker. */
  arrived<N extends JobName>(name: N, partial: PartialResult<N>): void {
    if (name !== 'qat') return;
    const { best } = partial as QatProgress;
    if (best) this.better(best.id, best.checkpoint);
  }

  /** A cancelled calibration is still worth what it saw. */
  failed<N extends JobName>(name: N, error: RangefinderError, lastPartial: PartialResult<N> | null): void {
    if (name === 'qat') this.bestSoFar = null;
    if (name === 'calibrate' && error.code === 'cancelled' && lastPartial)
      this.calibration = lastPartial as Calibration;
  }

  private better(id: string, checkpoint: QatCheckpoint): void {
    if (this.bestSoFar !== null && this.bestSoFar !== id) this.trainings.delete(this.bestSoFar);
    // An equal run may have left the same weights before, and settings may name them.
    if (this.bestSoFar !== id) this.bestSoFar = this.trainings.has(id) ? null : id;
    this.keepTraining(id, checkpoint);
  }

  private keepTraining(id: string, checkpoint: QatCheckpoint): void {
    this.trainings.delete(id); // the most recently used come last
    this.trainings.set(id, checkpoint);
    for (const old of this.trainings.keys()) {
      if (this.trainings.size <= KEPT_TRAININGS) break;
      this.trainings.delete(old);
    }
  }

  /** Settings that name trained weights need them again. */
  private used(source: unknown): void {
    const id = (source as { settings?: { trained?: string } }).settings?.trained;
    const checkpoint = id === undefined ? undefined : this.trainings.get(id);
    if (id !== undefined && checkpoint) this.keepTraining(id, checkpoint);
  }

  steps(): readonly AnyStep[] {
    const steps: AnyStep[] = [];
    if (this.model) steps.push(this.model);
    if (this.data) steps.push(this.data);
    if (this.change) steps.push(this.change);
    if (this.calibration) steps.push({ name: 'restoreCalibration', source: { calibration: this.calibration } });
    for (const [id, checkpoint] of this.trainings) steps.push({ name: 'restoreTraining', source: { id, checkpoint } });
    return steps;
  }

  forget(): void {
    this.model = null;
    this.data = null;
    this.change = null;
    this.calibration = null;
    this.trainings.clear();
  }
}
