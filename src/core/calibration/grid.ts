/** Histogram grids whose bin width is a power of two: doubling it merges pairs of bins exactly, without the values. */

/** Bin i covers [(origin + i) · 2^exponent, (origin + i + 1) · 2^exponent). */
export interface Grid {
  readonly exponent: number;
  readonly origin: number;
}

/** Inverse widths have to be normal float32 numbers. */
const SMALLEST_EXPONENT = -126;
/** A float32 has 24 significant bits: finer bins than its last one would stay empty, and positions stay exact integers. */
const FRACTION_BITS = 23;

/** Position of a value on the grid 2^exponent, as the kernels compute it. */
function positionOf(x: number, exponent: number): number {
  return Math.floor(Math.fround(x * 2 ** -exponent));
}

/** floor(log2 x) for positive x; exact, which Math.log2 alone is not beside powers of two. */
function exponentOf(x: number): number {
  const guess = Math.floor(Math.log2(x));
  return x < 2 ** guess ? guess - 1 : x >= 2 ** (guess + 1) ? guess + 1 : guess;
}

/**
 * The finest grid on which [min, max] takes at most `bins` bins, starting at min's. It depends on nothing else, so a
 * histogram does not depend on the order in which its values came.
 */
export function fitGrid(min: number, max: number, bins: number): Grid {
  const magnitude = Math.max(Math.abs(min), Math.abs(max));
  let exponent = SMALLEST_EXPONENT;
  if (magnitude > 0) exponent = Math.max(exponent, exponentOf(magnitude) - FRACTION_BITS);
  if (max > min) exponent = Math.max(exponent, exponentOf((max - min) / bins) - 1);
  while (positionOf(max, exponent) - positionOf(min, exponent) >= bins) exponent++;
  return { exponent, origin: positionOf(min, exponent) };
}

/** Whether a value that lies in [min, max] has a bin on the grid. */
export function covers({ exponent, origin }: Grid, min: number, max: number, bins: number): boolean {
  return positionOf(min, exponent) >= origin && positionOf(max, exponent) < origin + bins;
}

/** The same counts on another grid that is as fine or coarser and covers all that is counted. */
export function moveCounts(counts: Float64Array, from: Grid, to: Grid): Float64Array {
  const moved = new Float64Array(counts.length);
  const ratio = 2 ** (from.exponent - to.exponent);
  for (let i = 0; i < counts.length; i++)
    if (counts[i] > 0) moved[Math.floor((from.origin + i) * ratio) - to.origin] += counts[i];
  return moved;
}
