/** In place of processes that do trials: makes reports up, and fails as machines do. */
import { RangefinderError } from '../../base/errors';
import { Random } from '../../base/random';
import type { TrialDoer } from '../../cli/sweep/engine';
import type { Trial } from '../../core/sweep/trial';
import { madeUpReport } from '../builders/trial';

/** No process survives a trial with this seed. */
export const POISON = 13;

export class FakeDoer implements TrialDoer {
  /** Seeds of trials in the order in which they were begun. */
  readonly begun: number[] = [];
  /** Those of which a report was handed over. */
  readonly finished: number[] = [];
  private readonly random = new Random(7);

  /** @param deaths share of trials whose process dies */
  constructor(private readonly deaths = 0) {}

  async run(trial: Trial): Promise<unknown> {
    const { seed } = trial;
    this.begun.push(seed);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (seed === POISON || this.random.uniform() < this.deaths)
      throw new RangefinderError({ code: 'worker-died', message: 'The process that did the trial ended.' });
    this.finished.push(seed);
    return madeUpReport(trial, seed / 1000);
  }
}
