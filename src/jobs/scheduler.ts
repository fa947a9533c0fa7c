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
const BACKGROUND: ReadonlySet<JobName> = new Set(['sensitivity']);

export class Scheduler {
  private readonly running = new Set<Promise<unknown>>();
  private exclusive: Promise<unknown> = Promise.resolve();
  private foreground = 0;
  private waiting: (() => void)[] = [];

  /** Runs `job` when its turn has come; `turn` is what a background job awaits between batches. */
  async run<T>(name: JobName, job: (turn: () => Promise<void>) => Promise<T>): Promise<T> {
    if (EXCLUSIVE.has(name)) {
      const before = [this.exclusive, ...this.running];
      const mine = Promise.allSettled(before).then(() => this.track(name, job));
      this.exclusive = mine.catch(() => undefined);
      return mine;
    }
    await this.exclusive;
    return this.track(name, job);
  }

  private async track<T>(name: JobName, job: (turn: () => Promise<void>) => Promise<T>): Promise<T> {
    const background = BACKGROUND.has(name);
    if (!background) this.foreground++;
    const promise = job(background ? () => this.turn() : () => Promise.resolve());
    this.running.add(promise);
    try {
      return await promise;
    } finally {
      this.running.delete(promise);
      if (!background && --this.foreground === 0) {
        for (const wake of this.waiting) wake();
        this.waiting = [];
      }
    }
  }

  private async turn(): Promise<void> {
    while (this.foreground > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
