/** Jobs by number, for whoever speaks to a worker: run one, cancel one, get a result or an error as plain data. */
import { toErrorInfo } from '../core/errors';
import type { JobName, PartialResult, Progress, Spec } from './protocol';
import { Scheduler } from './scheduler';
import type { Session } from './session';
import { JOBS, type Job } from './table';
import type { JobOutcome } from './worker-api';

export class JobRunner {
  private readonly scheduler = new Scheduler();
  private readonly controllers = new Map<number, AbortController>();

  constructor(private readonly session: Session) {}

  async run<N extends JobName>(
    id: number,
    name: N,
    spec: Spec<N>,
    onProgress: (progress: Progress) => void,
    onPartial: (partial: PartialResult<N>) => void,
  ): Promise<JobOutcome<N>> {
    const controller = new AbortController();
    this.controllers.set(id, controller);
    // The table's row for N has this type; TypeScript cannot see it through the indexed access.
    const job = JOBS[name] as unknown as Job<N>;
    try {
      const result = await this.scheduler.run(name, async (turn) => {
        const { signal } = controller;
        const controls = { signal, onProgress, onPartial, turn: () => turn(signal) };
        return job(this.session, spec, controls);
      });
      return { ok: true, result };
    } catch (thrown) {
      return { ok: false, error: toErrorInfo(thrown) };
    } finally {
      this.controllers.delete(id);
    }
  }

  cancel(id: number): void {
    this.controllers.get(id)?.abort();
  }
}
