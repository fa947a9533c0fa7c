import { EMPTY_BLOCK, MAX_BINS, type BlockSummary, type StatisticsKernel } from './kernel';

/** The kernel in TypeScript, for platforms without WebAssembly SIMD; counts are equal, moments to rounding. */
export class ScalarKernel implements StatisticsKernel {
  private values: Float32Array = new Float32Array(0);
  private readonly counts = new Uint32Array(MAX_BINS);

  load(values: Float32Array): BlockSummary {
    let [min, max, sum, zeros] = [Infinity, -Infinity, 0, 0];
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      if (x < min) min = x;
      if (x > max) max = x;
      sum += x;
      if (x === 0) zeros++;
    }
    // An infinity or a NaN leaves a sum that is not finite; finite float32 values cannot overflow a float64.
    if (!Number.isFinite(sum)) return this.load(values.filter(Number.isFinite));
    this.values = values;
    if (values.length === 0) return EMPTY_BLOCK;
    const mean = sum / values.length;
    let squares = 0;
    for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
    return { count: values.length, min, max, mean, squares, zeros };
  }

  bin(inverseWidth: number, origin: number): void {
    const { values, counts } = this;
    for (let i = 0; i < values.length; i++) counts[Math.floor(Math.fround(values[i] * inverseWidth)) - origin]++;
  }

  flush(counts: Float64Array): void {
    for (let i = 0; i < counts.length; i++) counts[i] += this.counts[i];
    this.counts.fill(0);
  }
}
