import type { QuantParams } from '../../core/graph/graph';
import type { EstimatorChoice } from '../../core/quantize/settings';
import type { Range, TensorStats } from '../../core/calibration/types';

/** Statistics of a bell curve with an outlier tail, cut at zero for a ReLU. */
export function gaussianStats(seed: number, mean: number, std: number, relu: boolean): TensorStats {
  const bins = 2048;
  const lo = relu ? 0 : mean - 6 * std;
  const hi = mean + 6 * std;
  const width = (hi - lo) / bins;
  const counts = Float64Array.from({ length: bins }, (_, i) => {
    const x = lo + (i + 0.5) * width;
    const noise = 1 + 0.08 * Math.sin(i * 0.9 + seed) * Math.sin(i * 0.37);
    return Math.round(2e4 * noise * Math.exp(-((x - mean) ** 2) / (2 * std ** 2)) + (i % 97 === 0 ? 2 : 0));
  });
  if (relu) counts[0] = counts[0] * 6;
  const count = counts.reduce((a, b) => a + b, 0);
  return { count, nonFinite: 0, min: lo, max: hi, mean, std, histogram: { lo, width, counts } };
}

export function estimateRange({ min, max, mean, std }: TensorStats, { id }: EstimatorChoice): Range {
  if (id === 'minmax') return { min: Math.min(0, min), max: Math.max(0, max) };
  return { min: Math.max(min, mean - 3.4 * std), max: Math.min(max, mean + 3.4 * std) };
}

export function chooseParams(ranges: readonly Range[], symmetric: boolean): QuantParams {
  const scale = ranges.map(({ min, max }) => (symmetric ? Math.max(-min, max) / 127 : (max - min) / 255));
  const zeroPoint = ranges.map(({ min }, i) => (symmetric ? 0 : Math.round(-128 - min / scale[i])));
  return { scale: Float32Array.from(scale), zeroPoint: Int32Array.from(zeroPoint), quantizedDimension: 0 };
}
