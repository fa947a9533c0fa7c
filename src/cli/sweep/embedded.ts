import { toErrorInfo } from '../../base/errors';
import type { Trial } from '../../core/sweep/trial';
import type { Outlet, SweepEngine, TrialDoer } from './engine';
import { readTrialReport } from './read-trial';
import { ATTEMPTS, isWorthRetrying } from './retries';

/** The processes of this machine. */
export class EmbeddedEngine implements SweepEngine {
  constructor(
    private readonly doer: TrialDoer,
    private readonly workers: number,
  ) {}

  async run(trials: ReadonlyMap<string, Trial>, outlet: Outlet, signal: AbortSignal): Promise<void> {
    const rest = trials.entries();
    // Trials are begun in the order of the plan, each as soon as a process is free.
    const lane = async () => {
      for (const [key, trial] of rest) await this.attempted(key, trial, outlet, signal);
    };
    await Promise.all(Array.from({ length: this.workers }, lane));
  }

  private async attempted(key: string, trial: Trial, outlet: Outlet, signal: AbortSignal): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      const started = performance.now();
      let report;
      try {
        report = readTrialReport(await this.doer.run(trial, signal), key);
      } catch (thrown) {
        const error = toErrorInfo(thrown);
        if (error.code === 'cancelled') throw thrown;
        if (attempts < ATTEMPTS && isWorthRetrying(error.code)) continue;
        outlet.givenUp({ key, attempts, error });
        return;
      }
      outlet.done(key, report, performance.now() - started);
      return;
    }
  }
}
