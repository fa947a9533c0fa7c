/**
 * Order among jobs that share one session. Jobs that replace the model, the data or the calibration run alone; the rest
 * take turns between batches; background jobs give way to whatever a person is waiting for.
 */
import type { JobName } from './protocol';

const EXCLUSIVE: ReadonlySet<JobName> = new Set([
  'openModel',
  'openData',
  'changeData',
  'randomData',
  'calibrate',
  'restoreCalibration',
]);
const BACKGROUND: ReadonlySet<JobName> = new Set(['sensitivity', 'qat', 'searchPrecision']);

/** What a job awaits between batches; returns early, for the job to notice, when `signal` aborts. */
export type Turn = (signal: AbortSignal) => Promise<void>;

const always: Turn = () => Promise.resolve();

export class Scheduler {
  /** Everything that runs or waits to, in order of arrival: whoever is exclusive comes after all of it. */
  private readonly pending = new Set<Promise<unknown>>();
  private exclusive: Promise<unknown> = Promise.resolve();
  private foreground = 0;
  private waiting: (() => void)[] = [];

  /** Runs `job` when its turn has come. */
  run<T>(name: JobName, job: (turn: Turn) => Promise<T>): Promise<T> {
    const alone = EXCLUSIVE.has(name);
    const before = alone ? [...this.pending] : [this.exclusive];
    const mine = Promise.allSettled(before).then(() => this.start(BACKGROUND.has(name), job));
    const forget = () => void this.pending.delete(settled);
    const settled: Promise<void> = mine.then(forget, forget);
    this.pending.add(settled);
    if (alone) this.exclusive = settled;
    return mine;
  }

  private async start<T>(background: boolean, job: (turn: Turn) => Promise<T>): Promise<T> {
    if (background) return job((signal) => this.turn(signal));
    this.foreground++;
    try {
      return await job(always);
    } finally {
      if (--this.foreground === 0) this.wake();
    }
  }

  private async turn(signal: AbortSignal): Promise<void> {
    while (this.foreground > 0 && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const resume of waiting) resume();
  }
}
