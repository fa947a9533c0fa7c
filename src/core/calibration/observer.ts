import { TAIL, type RangeSoFar } from './convergence';
import { covers, fitGrid, moveCounts, type Grid } from './grid';
import { BLOCK, MAX_BINS, type BlockSummary, type StatisticsKernel } from './kernel/kernel';
import { statisticsKernel } from './kernel/shared';
import type { Range, TensorStats } from './types';

/** What an observer saw of one batch, for another to take over. Plain data. */
export interface ObservedBatch {
  readonly nonFinite: number;
  /** Of each block with finite values: count, minimum, maximum, mean, squares, zeros. */
  readonly blocks: Float64Array;
  readonly grid: Grid | null;
  readonly counts: Float64Array;
}

/** Numbers of a block among {@link ObservedBatch.blocks}. */
const PER_BLOCK = 6;

/**
 * Extrema, moments and a histogram of any number of values, in constant memory.
 *
 * The bins' width is a power of two and doubles when a value falls outside, merging pairs of bins: nothing is scanned
 * twice, and more than half of the bins are in use unless the values lie closer than float32 tells apart. The histogram
 * depends on the values alone, not on their order or on how they were cut into calls; moments, merged block by block in
 * float64 (Chan et al.), depend on it by rounding only.
 */
export class Observer {
  private count = 0;
  private nonFinite = 0;
  private min = Infinity;
  private max = -Infinity;
  private zeros = 0;
  private mean = 0;
  private squares = 0;
  private grid: Grid | null = null;
  private counts: Float64Array;
  private readonly batchMins: number[] = [];
  private readonly batchMaxs: number[] = [];

  /** @param bins 2048 at most. */
  constructor(
    private readonly bins = MAX_BINS,
    private readonly kernel: StatisticsKernel = statisticsKernel(),
  ) {
    if (!(Number.isInteger(bins) && bins >= 2 && bins <= MAX_BINS))
      throw new RangeError(`no histogram has ${bins} bins`);
    this.counts = new Float64Array(bins);
  }

  /** Takes a view, too; keeps no reference to it. Returns the extrema of its finite values, if any. */
  observe(values: Float32Array): Range | null {
    let [min, max] = [Infinity, -Infinity];
    for (let at = 0; at < values.length; at += BLOCK) {
      const block = this.add(values.subarray(at, at + BLOCK));
      if (block.count === 0) continue;
      if (block.min < min) min = block.min;
      if (block.max > max) max = block.max;
    }
    this.kernel.flush(this.counts);
    return min <= max ? { min, max } : null;
  }

  /**
   * What {@link observeBatch} would learn of these values, to be handed to {@link takeBatch} elsewhere: batches that are
   * looked at on several threads and taken in their order leave the very same statistics, in every bit.
   */
  static batch(values: Float32Array): ObservedBatch {
    const observer = new Observer();
    const blocks: number[] = [];
    for (let at = 0; at < values.length; at += BLOCK) {
      const { count, min, max, mean, squares, zeros } = observer.add(values.subarray(at, at + BLOCK));
      if (count > 0) blocks.push(count, min, max, mean, squares, zeros);
    }
    observer.kernel.flush(observer.counts);
    const { nonFinite, grid, counts } = observer;
    return { nonFinite, blocks: Float64Array.from(blocks), grid, counts };
  }

  /** As {@link observeBatch} for the values that it was made of, by an observer of as many bins. */
  takeBatch({ nonFinite, blocks, grid, counts }: ObservedBatch): void {
    this.nonFinite += nonFinite;
    if (!grid) return;
    let [least, most] = [Infinity, -Infinity];
    for (let at = 0; at < blocks.length; at += PER_BLOCK) {
      const [count, min, max, mean, squares, zeros] = blocks.subarray(at, at + PER_BLOCK) as unknown as number[];
      this.account({ count: count, min: min, max: max, mean: mean, squares: squares, zeros: zeros });
      least = Math.min(least, min);
      most = Math.max(most, max);
    }
    const moved = moveCounts(counts, grid, this.grid!);
    for (let i = 0; i < moved.length; i++) this.counts[i] += moved[i];
    this.rememberBatch(least, most);
  }

  /** The same, and these values' extrema are remembered as those of one batch. */
  observeBatch(values: Float32Array): void {
    const extrema = this.observe(values);
    if (extrema) this.rememberBatch(extrema.min, extrema.max);
  }

  private rememberBatch(min: number, max: number): void {
    this.batchMins.push(min + 0); // no negative zero
    this.batchMaxs.push(max + 0);
  }

  private add(block: Float32Array): BlockSummary {
    const summary = this.kernel.load(block);
    this.nonFinite += block.length - summary.count;
    if (summary.count === 0) return summary;
    this.account(summary);
    this.kernel.bin(2 ** -this.grid!.exponent, this.grid!.origin);
    return summary;
  }

  /** Moments, and a grid that holds the block. */
  private account({ count, min, max, mean, squares, zeros }: BlockSummary): void {
    const total = this.count + count;
    const delta = mean - this.mean;
    this.mean += (delta * count) / total;
    this.squares += squares + (delta * delta * this.count * count) / total;
    this.count = total;
    this.zeros += zeros;
    if (min < this.min || max > this.max) this.grow(Math.min(min, this.min), Math.max(max, this.max));
  }

  private grow(min: number, max: number): void {
    this.min = min;
    this.max = max;
    const fitted = fitGrid(min, max, this.bins);
    const { grid } = this;
    if (grid && grid.exponent === fitted.exponent && covers(grid, min, max, this.bins)) return;
    this.kernel.flush(this.counts);
    if (grid) this.counts = moveCounts(this.counts, grid, fitted);
    this.grid = fitted;
  }

  /** Extrema and outer percentiles of what was seen so far, without copying the histogram. */
  rangeSoFar(): RangeSoFar {
    const { count, grid, counts } = this;
    if (!grid) return { min: 0, max: 0, low: 0, high: 0 };
    const [min, max] = [this.min + 0, this.max + 0];
    const edge = (bin: number) => Math.min(max, Math.max(min, (grid.origin + bin) * 2 ** grid.exponent));
    /** Where `TAIL` of the values are passed, coming from one end; evenly within a bin. */
    const passed = (binAt: (step: number) => number, towards: 1 | -1): number => {
      let left = TAIL * count;
      for (let step = 0; step < counts.length; step++) {
        const bin = binAt(step);
        if (counts[bin] >= left) {
          const part = left / counts[bin];
          return towards > 0 ? edge(bin + part) : edge(bin + 1 - part);
        }
        left -= counts[bin];
      }
      return 0;
    };
    const last = counts.length - 1;
    return { min, max, low: passed((step) => step, 1), high: passed((step) => last - step, -1) };
  }

  /** What was seen so far; a copy. All zeros before the first finite value. std is that of the population. */
  stats(): TensorStats {
    const { count, nonFinite, zeros, grid } = this;
    if (!grid) {
      const histogram = { lo: 0, width: 1, counts: new Float64Array(this.bins) };
      return { count, nonFinite, zeros, min: 0, max: 0, mean: 0, std: 0, histogram };
    }
    const fitted = fitGrid(this.min, this.max, this.bins);
    const width = 2 ** fitted.exponent;
    const batches = { mins: Float32Array.from(this.batchMins), maxs: Float32Array.from(this.batchMaxs) };
    return {
      count,
      nonFinite,
      zeros,
      min: this.min + 0, // no negative zero
      max: this.max + 0,
      mean: this.mean,
      std: Math.sqrt(this.squares / count),
      histogram: { lo: fitted.origin * width, width, counts: moveCounts(this.counts, grid, fitted) },
      ...(batches.mins.length > 0 && { batches }),
    };
  }
}
