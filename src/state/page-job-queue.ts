import type { RunOptions } from '../jobs/client/client';
import { JOBS, type JobName, type Result } from '../jobs/contract/jobs';
import type { SpecSource } from '../jobs/client/replay';
import { ended, paused, progressed, started } from './slices/jobs';
import type { StudioStore } from './store';

/** The part of StudioClient that the state needs; tests give a scripted one. */
export interface JobClient {
  run<N extends JobName>(name: N, source: SpecSource<N>, options?: RunOptions<N>): Promise<Result<N>>;
}

/** Runs jobs and keeps the jobs slice telling what runs. */
export class PageJobQueue {
  private nextKey = 1;
  private readonly active = new Set<AbortController>();

  constructor(
    private readonly store: StudioStore,
    private readonly client: JobClient,
  ) {}

  async run<N extends JobName>(
    name: N,
    source: SpecSource<N>,
    options: Pick<RunOptions<N>, 'signal' | 'pause' | 'onPartial'> = {},
  ): Promise<Result<N>> {
    const key = this.nextKey++;
    const { title, scheduling } = JOBS[name];
    const background = scheduling === 'background';
    const own = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, own.signal]) : own.signal;
    this.active.add(own);
    const jobs = (change: (slice: ReturnType<StudioStore['getState']>['jobs']) => typeof slice) =>
      this.store.setState((state) => ({ jobs: change(state.jobs) }));
    jobs((slice) => started(slice, { key, name, background, progress: { stage: title, fraction: 0 } }));
    const { pause } = options;
    const forget = pause?.onChange(() => jobs((slice) => paused(slice, key, !pause.isOpen)));
    const from = performance.now();
    try {
      const result = await this.client.run(name, source, {
        signal,
        ...(pause && { pause }),
        ...(options.onPartial && { onPartial: options.onPartial }),
        onProgress: (progress) => jobs((slice) => progressed(slice, key, progress)),
      });
      jobs((slice) => ({ ...slice, timings: { ...slice.timings, [name]: performance.now() - from } }));
      return result;
    } finally {
      forget?.();
      this.active.delete(own);
      jobs((slice) => ended(slice, key));
    }
  }

  /** Asks everything that runs to stop. */
  cancelAll(): void {
    for (const controller of this.active) controller.abort();
  }
}
