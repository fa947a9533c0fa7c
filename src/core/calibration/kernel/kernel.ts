/** Values one block holds at most. */
export const BLOCK = 8192;
/** Bins a kernel can tell apart. */
export const MAX_BINS = 2048;

/** Of the finite values of one block. */
export interface BlockSummary {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Σ (x − mean)² */
  readonly squares: number;
  /** How many are exactly 0. */
  readonly zeros: number;
}

export const EMPTY_BLOCK: BlockSummary = { count: 0, min: 0, max: 0, mean: 0, squares: 0, zeros: 0 };

/**
 * The inner loops of statistics. Holds one block at a time, and counts that were not handed over yet.
 *
 * One definition of a bin for all: floor(x · inverseWidth) − origin in float32, with an inverse width that is a power of
 * two. Such a product is exact, so that float32 and float64 agree (unless it underflows: a value below 2^-126 bin widths
 * counts as zero).
 */
export interface StatisticsKernel {
  /** Takes at most {@link BLOCK} values, leaving out those that are NaN or infinite. */
  load(values: Float32Array): BlockSummary;
  /** Counts the loaded values; all of them must lie in bins 0 … {@link MAX_BINS} − 1. */
  bin(inverseWidth: number, origin: number): void;
  /** Adds what was counted since the last flush to the first bins, as many as `counts` has, and starts over. */
  flush(counts: Float64Array): void;
}
