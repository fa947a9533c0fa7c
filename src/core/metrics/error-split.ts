/**
 * Where the error of a quantized tensor comes from. With f the layer (its fused activation included), x and W its float
 * inputs and weights, x̂ and Ŵ the quantized ones and Q the rounding of its output, the error e = Q(f(x̂, Ŵ)) − f(x, W) is
 * exactly the sum of
 *
 * - propagated  f(x̂, W) − f(x, W), what the inputs carry already, taken through the float layer;
 * - weights     f(x̂, Ŵ) − f(x̂, W), what rounding the layer's constants adds to that;
 * - rounding    Q(u) − u where u = f(x̂, Ŵ) lies on the grid or within half a step of its ends, 0 elsewhere;
 * - clipping    Q(u) − u where u lies further outside, 0 elsewhere.
 *
 * Their powers add up to the total's but for twice their correlations, which is what `cross` holds. Rounding and clipping
 * never meet in one value, so they have none. Rounding has none with the rest as long as a step is small against the
 * spread of the values (Bennett 1948); clipping always pulls towards zero, and has one with errors that grow with the
 * value; errors that weights add have one with carried errors where both scale the same signal.
 */
import { sqnrDb } from './error-accumulator';

/** Mean powers, per value and in squared units of the tensor. */
export interface ErrorSplit {
  /** Values compared; what is not finite is left out. */
  readonly count: number;
  /** Of the float tensor. */
  readonly signal: number;
  readonly clipping: number;
  readonly rounding: number;
  readonly weights: number;
  readonly propagated: number;
  /** Of the whole error. */
  readonly total: number;
  /** total − the four parts: twice their correlations, of either sign. */
  readonly cross: number;
  /** Share of the values that were clipped. */
  readonly clippedShare: number;
}

export const PARTS = ['clipping', 'rounding', 'weights', 'propagated'] as const;
export type Part = (typeof PARTS)[number];

/** Half a step outside a grid on either side; rounding reaches no further. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** One tensor four times over, value by value; arrays of equal length. */
export interface ErrorStages {
  /** f(x, W) */
  readonly float: ArrayLike<number>;
  /** f(x̂, W) */
  readonly carried: ArrayLike<number>;
  /** f(x̂, Ŵ) */
  readonly unrounded: ArrayLike<number>;
  /** Q(f(x̂, Ŵ)) */
  readonly rounded: ArrayLike<number>;
}

/** Streams values; sums in float64, constant memory. */
export class SplitAccumulator {
  private count = 0;
  private clipped = 0;
  private readonly sums = { signal: 0, clipping: 0, rounding: 0, weights: 0, propagated: 0, total: 0 };

  /** @param bounds of the output's grid; left out where nothing is ever clipped */
  constructor(private readonly bounds: Bounds = { low: -Infinity, high: Infinity }) {}

  add({ float, carried, unrounded, rounded }: ErrorStages): void {
    const { low, high } = this.bounds;
    let [count, clipped, signal, clipping, rounding, weights, propagated, total] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < float.length; i++) {
      const x = float[i];
      const u = unrounded[i];
      const error = rounded[i] - x;
      const own = rounded[i] - u;
      const added = u - carried[i];
      const brought = carried[i] - x;
      if (!(Math.abs(own) + Math.abs(added) + Math.abs(brought) < Infinity)) continue; // NaN, too
      count++;
      signal += x * x;
      total += error * error;
      weights += added * added;
      propagated += brought * brought;
      if (u < low || u > high) {
        clipped++;
        clipping += own * own;
      } else rounding += own * own;
    }
    const { sums } = this;
    this.count += count;
    this.clipped += clipped;
    sums.signal += signal;
    sums.clipping += clipping;
    sums.rounding += rounding;
    sums.weights += weights;
    sums.propagated += propagated;
    sums.total += total;
  }

  result(): ErrorSplit {
    const n = Math.max(1, this.count);
    const { signal, clipping, rounding, weights, propagated, total } = this.sums;
    return {
      count: this.count,
      signal: signal / n,
      clipping: clipping / n,
      rounding: rounding / n,
      weights: weights / n,
      propagated: propagated / n,
      total: total / n,
      cross: (total - clipping - rounding - weights - propagated) / n,
      clippedShare: this.clipped / n,
    };
  }
}

export function splitSqnrDb({ signal, total }: Pick<ErrorSplit, 'signal' | 'total'>): number {
  return sqnrDb(signal, total);
}

/** Each part's share of the four together: what a stacked bar shows. All 0 where there is no error. */
export function partShares(split: Pick<ErrorSplit, Part>): Readonly<Record<Part, number>> {
  const sum = PARTS.reduce((total, part) => total + split[part], 0) || 1;
  return {
    clipping: split.clipping / sum,
    rounding: split.rounding / sum,
    weights: split.weights / sum,
    propagated: split.propagated / sum,
  };
}
