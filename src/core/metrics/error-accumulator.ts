/** Distance between a reference and its quantized twin over everything added. */
export interface ErrorFigures {
  /** Values compared: pairs in which both are finite. */
  readonly count: number;
  /** Pairs left out because one of them is NaN or infinite. */
  readonly nonFinite: number;
  /** 10·log10(Σ reference² / Σ error²); Infinity where there is no error, NaN where no pair is finite. */
  readonly sqnrDb: number;
  /** Of the angle between both as vectors; 1 where both are all zeros. */
  readonly cosine: number;
  readonly rmse: number;
  /** Largest |error|. */
  readonly maxError: number;
}

/** Streams pairs of equally long arrays; sums in float64, constant memory. */
export class ErrorAccumulator {
  private count = 0;
  private nonFinite = 0;
  private referenceSquares = 0;
  private testSquares = 0;
  private products = 0;
  private errorSquares = 0;
  private maxError = 0;

  add(reference: ArrayLike<number>, test: ArrayLike<number>): void {
    if (reference.length !== test.length)
      throw new RangeError(`${reference.length} values cannot be compared with ${test.length}`);
    let [count, referenceSquares, testSquares, products, errorSquares, maxError] = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < reference.length; i++) {
      const r = reference[i];
      const t = test[i];
      const error = Math.abs(r - t);
      if (!(error < Infinity)) continue; // also where both are the same infinity: NaN
      count++;
      referenceSquares += r * r;
      testSquares += t * t;
      products += r * t;
      errorSquares += error * error;
      if (error > maxError) maxError = error;
    }
    this.count += count;
    this.nonFinite += reference.length - count;
    this.referenceSquares += referenceSquares;
    this.testSquares += testSquares;
    this.products += products;
    this.errorSquares += errorSquares;
    this.maxError = Math.max(this.maxError, maxError);
  }

  result(): ErrorFigures {
    const { count, nonFinite, referenceSquares, testSquares, products, errorSquares, maxError } = this;
    const norms = Math.sqrt(referenceSquares) * Math.sqrt(testSquares);
    return {
      count,
      nonFinite,
      sqnrDb: count === 0 && nonFinite > 0 ? NaN : sqnrDb(referenceSquares, errorSquares),
      cosine: norms > 0 ? products / norms : Number(referenceSquares === testSquares),
      rmse: count > 0 ? Math.sqrt(errorSquares / count) : 0,
      maxError,
    };
  }
}

/** Signal to quantization noise, dB; Infinity without noise, whatever the signal. */
export function sqnrDb(signalPower: number, noisePower: number): number {
  return noisePower === 0 ? Infinity : 10 * Math.log10(signalPower / noisePower);
}

/** The lowest of decibels of several parts; where there is no signal there is nothing to lose. */
export function worstOf(decibels: readonly number[]): number {
  const known = decibels.filter((value) => value > -Infinity);
  return known.length === 0 ? (decibels[0] ?? Infinity) : Math.min(...known);
}
