import type { Calibration } from '../core/quantize/plan';
import type { QatCheckpoint } from '../core/training/checkpoint';
import type { JobName, PartialResult, Result, Spec } from './protocol';
import type { QatProgress, QatResult } from './qat-protocol';

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

/** Remembers what a fresh worker has to be told to stand where the old one stood. */
export class ReplayMemory {
  private model: ReplayStep<'openModel'> | null = null;
  private data: ReplayStep<'openData'> | ReplayStep<'randomData'> | null = null;
  private change: ReplayStep<'changeData'> | null = null;
  private calibration: Calibration | null = null;
  private trainings = new Map<string, QatCheckpoint>();

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
      case 'qat':
        this.keepTraining(result as QatResult);
        break;
      case 'restoreTraining':
        this.trainings.set(step.source.id, step.source.checkpoint);
        break;
    }
  }

  /** A cancelled calibration is still worth what it saw, a training its best epoch. */
  cancelled<N extends JobName>(name: N, lastPartial: PartialResult<N> | null): void {
    if (!lastPartial) return;
    if (name === 'calibrate') this.calibration = lastPartial as Calibration;
    const { best } = lastPartial as QatProgress;
    if (name === 'qat' && best) this.keepTraining(best);
  }

  private keepTraining({ id, checkpoint }: QatResult): void {
    this.trainings.set(id, checkpoint);
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
