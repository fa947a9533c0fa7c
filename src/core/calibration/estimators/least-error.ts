import { chooseQuantParams } from '../../numerics/affine';
import type { NumberFormat } from '../../number-formats/format';
import { quantizationError } from '../quantization-error';
import type { Distribution, Range } from '../types';

/** The coarse search shrinks the range by this from step to step … */
const SHRINK = 2 ** (-1 / 6);
/** … until it is this small a part of the whole, or a few bins. */
const SMALLEST_PART = 2 ** -10;
const FEWEST_BINS = 4;
/** The fine search stops here, relative to the range: the optimum is flat. */
const TOLERANCE = 2e-3;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** What a range costs, and what of it is due to clipping alone: that only grows as the range shrinks. */
export interface Cost {
  readonly clipping: number;
  readonly total: number;
}

/** The range with the least squared error, where errors of clipped values count `clippingWeight` times. */
export function leastErrorRange(distribution: Distribution, format: NumberFormat, clippingWeight = 1): Range {
  return cheapestRange(distribution, format, (range) => {
    const { clipping, rounding } = quantizationError(distribution, chooseQuantParams(range, format), format);
    return { clipping: clippingWeight * clipping, total: clippingWeight * clipping + rounding };
  });
}

/**
 * The range within a distribution that costs least.
 *
 * A coarse search over ever smaller ranges finds the right valley, golden section its floor: over the clip of a symmetric
 * grid, or over both ends of an asymmetric one in turn.
 */
export function cheapestRange(
  distribution: Distribution,
  { symmetric: isSymmetric }: NumberFormat,
  costOf: (range: Range) => Cost,
): Range {
  const whole = { min: Math.min(distribution.min, 0), max: Math.max(distribution.max, 0) };
  if (whole.min === whole.max) return whole;
  return isSymmetric ? symmetric(whole, costOf, distribution) : asymmetric(whole, costOf, distribution);
}

type CostOf = (range: Range) => Cost;
/** The same along one line of ranges. */
type CostAt = (x: number) => Cost;

function symmetric(whole: Range, costOf: CostOf, distribution: Distribution): Range {
  const within = (reach: number) => ({ min: Math.max(whole.min, -reach), max: Math.min(whole.max, reach) });
  const most = Math.max(-whole.min, whole.max);
  const error = (reach: number) => costOf(within(reach));
  return within(refine(error, coarse(error, most, distribution.binWidth / most), most));
}

/** Tails may differ much in length, so each end is searched over all of its length, then finely. */
function asymmetric(whole: Range, costOf: CostOf, distribution: Distribution): Range {
  const resolution = distribution.binWidth / (whole.max - whole.min);
  const part = coarse((p) => costOf({ min: whole.min * p, max: whole.max * p }), 1, resolution);
  let best = { min: whole.min * part, max: whole.max * part };
  if (whole.min === 0 || whole.max === 0) return ends(best, whole, costOf, refine);
  const search: Search = (error, _, most) => coarse(error, most, distribution.binWidth / most);
  best = ends(best, whole, costOf, search);
  best = ends(best, whole, costOf, refine);
  return ends(best, whole, costOf, refine);
}

type Search = (error: CostAt, start: number, most: number) => number;

/** Searches the upper end with the lower one fixed, then the lower one. An end that is worse is not taken. */
function ends(start: Range, whole: Range, costOf: CostOf, search: Search): Range {
  let best = start;
  const take = (range: Range) => {
    if (costOf(range).total < costOf(best).total) best = range;
  };
  const { min } = best;
  if (whole.max > 0) take({ min, max: search((max) => costOf({ min, max }), best.max, whole.max) });
  const { max } = best;
  if (whole.min < 0) take({ min: -search((reach) => costOf({ min: -reach, max }), -best.min, -whole.min), max });
  return best;
}

/**
 * The best of geometrically shrinking values of `most`. `resolution` is a bin's width over the whole range. Clipping only
 * grows as the range shrinks: once it alone is worse than the best, nothing better follows.
 */
function coarse(error: CostAt, most: number, resolution: number): number {
  const least = most * Math.max(SMALLEST_PART, FEWEST_BINS * resolution);
  let best = most;
  let lowest = error(most).total;
  for (let x = most * SHRINK; x >= least; x *= SHRINK) {
    const e = error(x);
    if (e.clipping > lowest) break;
    if (e.total < lowest) [best, lowest] = [x, e.total];
  }
  return best;
}

/** Golden-section search between the neighbours of `start`. */
function refine(error: CostAt, start: number, most: number): number {
  const at = (x: number) => error(x).total;
  let [low, high] = [start * SHRINK, Math.min(start / SHRINK, most)];
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [errorA, errorB] = [at(a), at(b)];
  while (high - low > TOLERANCE * start) {
    if (errorA < errorB) {
      [high, b, errorB] = [b, a, errorA];
      a = high - GOLDEN * (high - low);
      errorA = at(a);
    } else {
      [low, a, errorA] = [a, b, errorB];
      b = low + GOLDEN * (high - low);
      errorB = at(b);
    }
  }
  const x = errorA < errorB ? a : b;
  return Math.min(errorA, errorB) < at(start) ? x : start;
}
