import type { Trial } from '../../core/sweep/trial';
import type { TrialReport } from '../../jobs/reports/trial-report';
import type { Failure } from './folder';

/** Does one trial at a time, or several: {@link ProcessPool}, unless a test has something in its place. */
export interface TrialDoer {
  /**
   * @returns the report as it was sent, to be parsed like anything from outside
   * @throws RangefinderError the trial's own, 'worker-died', 'cancelled'
   */
  run(trial: Trial, signal: AbortSignal): Promise<unknown>;
}

/** Where outcomes go, one by one as they come. */
export interface Outlet {
  /** @param milliseconds that the trial took, where that is known */
  done(key: string, report: TrialReport, milliseconds: number | null): void;
  givenUp(failure: Omit<Failure, 'name'>): void;
}

/** Whatever does trials: the processes of this machine, or a queue that many machines take from. */
export interface SweepEngine {
  /**
   * Resolves when each trial is done or given up.
   * @throws RangefinderError 'cancelled', and what an outlet throws, which ends the sweep
   */
  run(trials: ReadonlyMap<string, Trial>, outlet: Outlet, signal: AbortSignal): Promise<void>;
}
