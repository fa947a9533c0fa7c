/**
 * Learned step sizes: LSQ (Esser et al. 2020) for scales, LSQ+ (Bhalgat et al. 2020) for offsets. The straight-through
 * estimator passes gradients to values on the grid and stops them at its ends.
 */
import { roundHalfToEven } from '../numerics/round';

/** Constants whose scale is chosen by channel: element i belongs to channel ⌊i / inner⌋ mod channels. */
export interface ChannelGrid {
  readonly scale: Float32Array;
  readonly inner: number;
  /** Largest code; the smallest is its negative. */
  readonly bound: number;
}

/** Elements that lie between two of the same position along the quantized dimension. */
export function innerSize(shape: readonly number[], quantizedDimension: number): number {
  return shape.slice(quantizedDimension + 1).reduce((n, d) => n * d, 1);
}

/** The quotient is float32's and ties go to even, as in the simulation and in the exported file. */
const codeOf = (value: number, scale: number) => roundHalfToEven(Math.fround(value / scale));

/** Nearest grid values. */
export function roundWeights(values: Float32Array, { scale, inner, bound }: ChannelGrid): Float32Array {
  const rounded = new Float32Array(values.length);
  for (let start = 0, c = 0; start < values.length; start += inner, c = (c + 1) % scale.length) {
    const s = scale[c];
    for (let i = start; i < start + inner; i++)
      rounded[i] = Math.max(-bound, Math.min(bound, codeOf(values[i], s))) * s;
  }
  return rounded;
}

/**
 * Turns the gradient with respect to the rounded values, in place, into that with respect to the values, and adds to
 * `scaleGradient` that with respect to each channel's scale: Σ g · (round(v/s) − v/s) on the grid, ±bound beyond it.
 */
export function weightGradients(
  values: Float32Array,
  gradient: Float32Array,
  { scale, inner, bound }: ChannelGrid,
  scaleGradient: Float32Array,
): void {
  for (let start = 0, c = 0; start < values.length; start += inner, c = (c + 1) % scale.length) {
    const s = scale[c];
    let sum = 0;
    for (let i = start; i < start + inner; i++) {
      const u = Math.fround(values[i] / s);
      if (u > bound) {
        sum += bound * gradient[i];
        gradient[i] = 0;
      } else if (u < -bound) {
        sum -= bound * gradient[i];
        gradient[i] = 0;
      } else sum += (roundHalfToEven(u) - u) * gradient[i];
    }
    scaleGradient[c] += sum;
  }
}

/** What a pass over an activation's gradient gathers, g being the gradient with respect to the rounded value. */
export interface ActivationSums {
  /** Σ g · (round(v/s) − v/s) over values on the grid. */
  readonly rounding: number;
  /** Σ g over values below it, and above it. */
  readonly below: number;
  readonly above: number;
}

/** Gradients with respect to scale and offset of x̂ = s·(clamp(round(v/s) + z) − z), where z = round(−offset / s). */
export function activationGradients(
  { rounding, below, above }: ActivationSums,
  { zeroPoint, qmin, qmax }: { zeroPoint: number; qmin: number; qmax: number },
): { scale: number; offset: number } {
  return {
    scale: rounding + (qmin - zeroPoint) * below + (qmax - zeroPoint) * above,
    offset: below + above,
  };
}

/** LSQ's g: keeps a scale's steps in proportion to those of the values that it scales. */
export function gradientScale(count: number, largestCode: number): number {
  return 1 / Math.sqrt(count * largestCode);
}
