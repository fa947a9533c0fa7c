/**
 * Bias correction (Nagel et al. 2019; empirical: Finkelstein et al. 2019). Rounding weights moves a layer's mean output by
 * (W̃ − W)·E[x], the same for every sample: a bias takes it back for nothing.
 */
import { normalDensity, normalTail } from '../numerics/normal';
import type { WeightedLayer } from './layer';

/** E[ReLU(x)] for x ~ N(mean, std²) */
export function expectedRelu(mean: number, std: number): number {
  if (std === 0) return Math.max(0, mean);
  return mean * normalTail(-mean / std) + std * normalDensity(mean / std);
}

/** E[ReLU6(x)]: what ReLU gives, less what lies above 6. */
export function expectedRelu6(mean: number, std: number): number {
  return expectedRelu(mean, std) - expectedRelu(mean - 6, std);
}

/**
 * What rounding moves the mean of each output channel by: Σ (W̃ − W)·E[x] over the weights of the channel.
 * @param expected mean of each input channel as the layer sees it; repeats where the layer sees positions apart
 */
export function meanShift(layer: WeightedLayer, rounded: Float32Array, expected: ArrayLike<number>): Float64Array {
  const shift = new Float64Array(layer.outputs);
  const { weights, inputOf, outputOf } = layer;
  weights.forEach((w, i) => (shift[outputOf(i)] += (rounded[i] - w) * expected[inputOf(i) % expected.length]));
  return shift;
}

export function correctedBias({ bias, outputs }: WeightedLayer, shift: ArrayLike<number>): Float32Array {
  return Float32Array.from({ length: outputs }, (_, c) => (bias?.[c] ?? 0) - shift[c]);
}
