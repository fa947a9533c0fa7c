/** How a range settles while samples come in: what tells whether there were enough of them. */

/** Extrema, and the values that {@link TAIL} of all values lie below and above. */
export interface RangeSoFar {
  readonly min: number;
  readonly max: number;
  readonly low: number;
  readonly high: number;
}

/** The range after so many samples; arrays of equal length, at most {@link MOST_CHECKPOINTS}. Plain data. */
export interface Convergence {
  /** Ascending. */
  readonly samples: Uint32Array;
  readonly mins: Float32Array;
  readonly maxs: Float32Array;
  readonly lows: Float32Array;
  readonly highs: Float32Array;
}

/** Share of the values outside the percentiles that are followed, on either side: the 0.1st and the 99.9th. */
export const TAIL = 0.001;
export const MOST_CHECKPOINTS = 64;

interface Checkpoint extends RangeSoFar {
  readonly samples: number;
}

/**
 * Remembers the range after every batch; where that gets too many, after every other one, and so on. So checkpoints lie
 * evenly, however many samples come, and memory is bounded.
 */
export class ConvergenceRecorder {
  private checkpoints: Checkpoint[] = [];
  private stride = 1;
  private batches = 0;
  private latest: { readonly samples: number; readonly range: () => RangeSoFar } | null = null;

  /**
   * @param samples seen so far, this batch included
   * @param range asked only where it is remembered, and once more at the end
   */
  note(samples: number, range: () => RangeSoFar): void {
    this.latest = { samples, range };
    if (++this.batches % this.stride !== 0) return;
    this.checkpoints.push({ samples, ...range() });
    if (this.checkpoints.length < MOST_CHECKPOINTS) return;
    this.checkpoints = this.checkpoints.filter((_, i) => i % 2 === 1);
    this.stride *= 2;
  }

  /** Ends with the range of all samples. */
  result(): Convergence {
    const { latest } = this;
    const all = [...this.checkpoints];
    if (latest && all.at(-1)?.samples !== latest.samples) all.push({ samples: latest.samples, ...latest.range() });
    const column = (of: (checkpoint: Checkpoint) => number) => Float32Array.from(all, of);
    return {
      samples: Uint32Array.from(all, ({ samples }) => samples),
      mins: column(({ min }) => min),
      maxs: column(({ max }) => max),
      lows: column(({ low }) => low),
      highs: column(({ high }) => high),
    };
  }
}

/** How much wider the range became since half of the samples, as a share of what it was then; 0 with one checkpoint. */
export function growthSinceHalf({ samples, mins, maxs }: Convergence): number {
  return growth(samples, mins, maxs);
}

/** The same of the percentiles, which rare values hardly move; narrowing counts as much as widening. */
export function driftSinceHalf({ samples, lows, highs }: Convergence): number {
  return Math.abs(growth(samples, lows, highs));
}

function growth(samples: Uint32Array, lows: Float32Array, highs: Float32Array): number {
  const last = samples.length - 1;
  const half = samples.findLastIndex((count) => 2 * count <= samples[last]);
  if (half < 0) return 0;
  const widthAt = (i: number) => Math.max(highs[i], 0) - Math.min(lows[i], 0);
  return widthAt(half) > 0 ? widthAt(last) / widthAt(half) - 1 : 0;
}
