/**
 * How sure a figure is. Every interval is two-sided at 95 %.
 *
 * A share of independent samples has Wilson's interval. Two shares of the same samples are compared by the samples that only
 * one of them gets right (McNemar): the interval of their difference is Agresti's and Min's, which keeps its promise where
 * flips are few. Everything else (IoU, mAP, AUC, R², decibels) is drawn again from the same samples, pairs staying together.
 */
import { Random } from '../../base/random';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A difference between two figures of the same samples. */
export interface Difference extends Interval {
  /** The second figure minus the first. */
  readonly value: number;
  readonly n: number;
  readonly method: 'mcnemar' | 'bootstrap';
  /** Of McNemar's exact test: how likely flips this lopsided are where neither is better. */
  readonly p?: number;
}

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;

/** Draws of a bootstrap: the ends of its interval move by less than a tenth of its width from seed to seed. */
const DRAWS = 400;

/** E. B. Wilson (1927), of `hits` among `n`; the whole of 0 … 1 where nothing was drawn. */
export function wilson(hits: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 };
  const p = hits / n;
  const scale = 1 + Z ** 2 / n;
  const centre = (p + Z ** 2 / (2 * n)) / scale;
  const half = (Z / scale) * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Of the difference between two shares of the same `n` samples.
 * @param lost samples that only the first has right, @param won those that only the second has
 *
 * Agresti and Min (2005): Wald's interval after half a flip was added to each kind and two samples to all.
 */
export function pairedShares(lost: number, won: number, n: number): Difference {
  const value = n === 0 ? 0 : (won - lost) / n;
  const [b, c, all] = [lost + 0.5, won + 0.5, n + 2];
  const centre = (c - b) / all;
  const half = (Z * Math.sqrt(b + c - (c - b) ** 2 / all)) / all;
  const [low, high] = [Math.max(-1, Math.min(value, centre - half)), Math.min(1, Math.max(value, centre + half))];
  return { value, low, high, n, method: 'mcnemar', p: sameEverywhere(mcnemar(lost, won)) };
}

/** Engines' logarithms and exponentials differ in their last bits; the page's figures equal the command line's. */
function sameEverywhere(value: number): number {
  return Number(value.toPrecision(10));
}

/** The exact two-sided p of McNemar's test: flips as tosses of a fair coin. */
export function mcnemar(lost: number, won: number): number {
  const flips = lost + won;
  const fewer = Math.min(lost, won);
  // Sums of binomial terms by their logarithms: 2^-1000 is no double.
  let logTerm = -flips * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= fewer; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(flips - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * sum);
}

/** How often each of `n` samples was drawn, draw by draw; the same for the same seed, so that pairs stay together. */
export function* resamples(n: number, seed = 0, draws = DRAWS): Generator<Uint32Array> {
  const random = new Random(seed, 7);
  const weights = new Uint32Array(n);
  for (let draw = 0; draw < draws; draw++) {
    weights.fill(0);
    for (let i = 0; i < n; i++) weights[random.integer(n)]++;
    yield weights;
  }
}

/** The 2.5 % and 97.5 % quantiles of finite values; NaN where there are none. */
export function percentiles(values: readonly number[]): Interval {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (q: number) => {
    const place = q * (sorted.length - 1);
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  return sorted.length === 0 ? { low: NaN, high: NaN } : { low: at(0.025), high: at(0.975) };
}

/**
 * From one difference against float to another on the same samples. Their errors go together, so that this interval, made as
 * if they did not, is rather too wide.
 */
export function changeBetween(before: Difference, after: Difference): Difference {
  const value = after.value - before.value;
  const half = Math.hypot(before.high - before.low, after.high - after.low) / 2;
  return { value, low: value - half, high: value + half, n: after.n, method: after.method };
}

/** Whether a difference may be nothing but chance. */
export function isWithinChance({ low, high }: Interval): boolean {
  return !(low > 0 || high < 0);
}
