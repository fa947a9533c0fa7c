import { Observer } from './observer';
import type { Distribution, TensorStats } from './types';

/** Up to this many values are kept one by one; more are put into a histogram. */
const EXACT_VALUES = 8192;

/** The histogram's filled bins. Values lie evenly in a bin, except that the outer ones end at the extrema. */
export function ofHistogram({ min, max, zeros = 0, histogram, batches }: TensorStats): Distribution {
  const { lo, width, counts } = histogram;
  const values = new Float64Array(counts.length);
  const weights = new Float64Array(counts.length);
  const zeroBin = Math.floor(-lo / width);
  let filled = 0;
  for (let i = 0; i < counts.length; i++) {
    const weight = i === zeroBin ? counts[i] - zeros : counts[i];
    if (weight <= 0) continue;
    values[filled] = lo + (i + 0.5) * width;
    weights[filled++] = weight;
  }
  return {
    min,
    max,
    zeros,
    values: values.subarray(0, filled),
    weights: weights.subarray(0, filled),
    binWidth: width,
    ...(batches && { batches }),
  };
}

/**
 * The values themselves where there are few, a histogram of 2048 bins where there are many. What is not finite is left
 * out. Sorting waits until somebody asks for the values: extrema do without.
 */
export function ofValues(values: Float32Array): Distribution {
  if (values.length > EXACT_VALUES) {
    const observer = new Observer();
    observer.observe(values);
    return ofHistogram(observer.stats());
  }
  return new ExactDistribution(values);
}

class ExactDistribution implements Distribution {
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
  readonly binWidth = 0;
  private sorted: Float64Array | undefined;
  private ones: Float64Array | undefined;

  constructor(private readonly source: Float32Array) {
    let [min, max, zeros] = [Infinity, -Infinity, 0];
    for (const x of source) {
      if (!Number.isFinite(x)) continue;
      if (x < min) min = x;
      if (x > max) max = x;
      if (x === 0) zeros++;
    }
    this.min = min <= max ? min + 0 : 0;
    this.max = min <= max ? max + 0 : 0;
    this.zeros = zeros;
  }

  get values(): Float64Array {
    return (this.sorted ??= Float64Array.from(this.source.filter((x) => Number.isFinite(x) && x !== 0)).sort());
  }

  get weights(): Float64Array {
    return (this.ones ??= new Float64Array(this.values.length).fill(1));
  }
}
