/** Jobs by number, for whoever speaks to a worker: run one, pause or cancel it, get a result or an error as plain data. */
import { toErrorInfo } from '../../base/errors';
import { Gate } from '../../base/gate';
import type { JobName, PartialResult, Spec } from '../contract/jobs';
import type { Progress } from '../contract/protocol';
import { Scheduler } from './scheduler';
import type { Session } from '../session/session';
import { jobOf } from './table';
import type { JobOutcome } from '../contract/worker-api';

interface Running {
  readonly stop: AbortController;
  readonly pause: Gate;
}

export class WorkerJobRunner {
  private readonly scheduler = new Scheduler();
  private readonly running = new Map<number, Running>();

  constructor(private readonly session: Session) {}

  async run<N extends JobName>(
    id: number,
    name: N,
    spec: Spec<N>,
    onProgress: (progress: Progress) => void,
    onPartial: (partial: PartialResult<N>) => void,
  ): Promise<JobOutcome<N>> {
    const { stop, pause }: Running = { stop: new AbortController(), pause: new Gate() };
    this.running.set(id, { stop, pause });
    const job = jobOf(name);
    try {
      const { signal } = stop;
      const result = await this.scheduler.run(
        name,
        async (turn) => job(this.session, spec, { signal, onProgress, onPartial, turn: () => turn(signal) }),
        pause,
      );
      return { ok: true, result };
    } catch (thrown) {
      return { ok: false, error: toErrorInfo(thrown) };
    } finally {
      this.running.delete(id);
    }
  }

  cancel(id: number): void {
    this.running.get(id)?.stop.abort();
  }

  pause(id: number): void {
    this.running.get(id)?.pause.set(false);
  }

  resume(id: number): void {
    this.running.get(id)?.pause.set(true);
  }
}
