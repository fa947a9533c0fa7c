/** A loss this many times that of the untrained model, and of answering nothing at all, will not come back. */
export const RUNAWAY = 1.5;
/** Steps that a loss is averaged over. */
const RECENT = 10;
/** Steps in a row whose loss or gradient is no number before training is taken to have diverged. */
const MOST_SKIPPED = 10;

/** Training left all bounds, which smaller rates may mend. */
export class Divergence extends Error {}

/** Follows the loss of each step, and tells when it has left all bounds. */
export class LossWatch {
  /** Steps that changed nothing, because their loss or their gradient was no number. */
  skipped = 0;
  private inARow = 0;
  private readonly recent: number[] = [];
  /** Of the first batches, were the outputs all zero. */
  private readonly baseline: number[] = [];

  /** Loss of the untrained model. */
  untrained = Infinity;

  /** Mean of the last steps; null before the first. */
  get mean(): number | null {
    return this.recent.length > 0 ? mean(this.recent) : null;
  }

  get wantsBaseline(): boolean {
    return this.baseline.length < RECENT;
  }

  addBaseline(loss: number): void {
    this.baseline.push(loss);
  }

  /**
   * @returns whether the step's loss is a number
   * @throws Divergence
   */
  add(loss: number): boolean {
    if (!Number.isFinite(loss)) {
      this.skipped++;
      if (++this.inARow > MOST_SKIPPED) throw new Divergence();
      return false;
    }
    this.inARow = 0;
    this.recent.push(loss);
    if (this.recent.length > RECENT) this.recent.shift();
    const worst = Math.max(this.untrained, mean(this.baseline));
    if (this.recent.length === RECENT && mean(this.recent) > RUNAWAY * worst) throw new Divergence();
    return true;
  }

  /** Training goes on from elsewhere. */
  restart(): void {
    this.recent.length = 0;
    this.inARow = 0;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}
