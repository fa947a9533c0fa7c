/**
 * Order among jobs that share one session. Jobs that replace the model, the data or the calibration run alone; the rest
 * take turns between batches; background jobs give way to whatever a person is waiting for. A paused job keeps its place:
 * who wants to be alone has to end it first.
 */
import { Gate, passAll } from '../../base/gate';
import { JOBS, type JobName } from '../contract/jobs';

/** What a job awaits between batches; returns early, for the job to notice, when `signal` aborts. */
export type Turn = (signal: AbortSignal) => Promise<void>;

export class Scheduler {
  /** Everything that runs or waits to, in order of arrival: whoever is exclusive comes after all of it. */
  private readonly pending = new Set<Promise<unknown>>();
  private exclusive: Promise<unknown> = Promise.resolve();
  private foreground = 0;
  private readonly background = new Gate();

  /** Runs `job` when its turn has come; it holds at its next turn while `pause` is closed. */
  run<T>(name: JobName, job: (turn: Turn) => Promise<T>, pause = new Gate()): Promise<T> {
    const { scheduling } = JOBS[name];
    const alone = scheduling === 'exclusive';
    const before = alone ? [...this.pending] : [this.exclusive];
    const mine = Promise.allSettled(before).then(() => this.start(scheduling === 'background', pause, job));
    const forget = () => void this.pending.delete(settled);
    const settled: Promise<void> = mine.then(forget, forget);
    this.pending.add(settled);
    if (alone) this.exclusive = settled;
    return mine;
  }

  private async start<T>(background: boolean, pause: Gate, job: (turn: Turn) => Promise<T>): Promise<T> {
    if (background) return job((signal) => passAll([pause, this.background], signal));
    this.enter();
    try {
      return await job(async (signal) => {
        if (pause.isOpen) return;
        this.leave(); // nobody waits for a paused job
        await pause.pass(signal);
        this.enter();
      });
    } finally {
      this.leave();
    }
  }

  private enter(): void {
    this.foreground++;
    this.background.set(false);
  }

  private leave(): void {
    if (--this.foreground === 0) this.background.set(true);
  }
}
