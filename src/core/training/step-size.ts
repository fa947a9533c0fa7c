/**
 * Learned step sizes: LSQ (Esser et al. 2020) for scales, LSQ+ (Bhalgat et al. 2020) for offsets. The straight-through
 * estimator passes gradients to values on the grid and stops them at its ends.
 */
import { codeRange, extentOf, type NumberFormat } from '../number-formats/format';
import { rounderOf } from '../number-formats/rounders';

/** Constants whose scale is chosen by channel: element i belongs to channel ⌊i / inner⌋ mod channels. */
export interface ChannelGrid {
  readonly scale: Float32Array;
  readonly inner: number;
  readonly format: NumberFormat;
}

/** Elements that lie between two of the same position along the quantized dimension. */
export function innerSize(shape: readonly number[], quantizedDimension: number): number {
  return shape.slice(quantizedDimension + 1).reduce((n, d) => n * d, 1);
}

/** Nearest grid values; the quotient is float32's and ties go to even, as in the simulation and in the exported file. */
export function roundWeights(values: Float32Array, { scale, inner, format }: ChannelGrid): Float32Array {
  const rounded = values.slice();
  const round = rounderOf(format);
  for (let start = 0, c = 0; start < rounded.length; start += inner, c = (c + 1) % scale.length)
    round(rounded, start, start + inner, scale[c]);
  return rounded;
}

/**
 * Turns the gradient with respect to the rounded values, in place, into that with respect to the values, and adds to
 * `scaleGradient` that with respect to each channel's scale: Σ g · (x̂ − v)/s on the grid, which for integers is
 * round(v/s) − v/s, and the grid's end beyond it. Of a floating-point grid x̂ = s·Q(v/s), where Q's exponents are taken as
 * constant, this is the gradient of the largest value that Kuzmin et al. ("FP8 Quantization: The Power of the Exponent",
 * 2022) learn, for which s stands.
 * @param rounded of `values` on this grid
 */
export function weightGradients(
  values: Float32Array,
  rounded: Float32Array,
  gradient: Float32Array,
  { scale, inner, format }: ChannelGrid,
  scaleGradient: Float32Array,
): void {
  const { low, high } = extentOf(format);
  for (let start = 0, c = 0; start < values.length; start += inner, c = (c + 1) % scale.length) {
    const s = scale[c];
    let [moved, ends] = [0, 0];
    for (let i = start; i < start + inner; i++) {
      const u = Math.fround(values[i] / s);
      if (u > high) {
        ends += high * gradient[i];
        gradient[i] = 0;
      } else if (u < low) {
        ends += low * gradient[i];
        gradient[i] = 0;
      } else moved += (rounded[i] - values[i]) * gradient[i];
    }
    scaleGradient[c] += moved / s + ends;
  }
}

/** What a pass over an activation's gradient gathers, g being the gradient with respect to the rounded value x̂. */
export interface ActivationSums {
  /** Σ g · (x̂ − v) over values on the grid. */
  readonly moved: number;
  /** Σ g over values below it, and above it. */
  readonly below: number;
  readonly above: number;
}

/**
 * Gradients with respect to scale and offset of x̂ = s·(clamp(round(v/s) + z) − z), where z = round(−offset / s).
 * @param extent ends of the grid in units of its scale: qmin − z and qmax − z
 */
export function activationGradients(
  { moved, below, above }: ActivationSums,
  scale: number,
  { low, high }: { readonly low: number; readonly high: number },
): { scale: number; offset: number } {
  return { scale: moved / scale + low * below + high * above, offset: below + above };
}

/** Values that a grid's scale was fitted to reach about this many standard deviations. */
const REACH = 4;

/**
 * LSQ's g: keeps a scale's steps in proportion to those of the values that it scales. For integers 1 / √(N · Q), where Q is
 * the largest code. There a scale's gradient grows with N and Q because |∂x̂/∂s| is about one step and values are √Q steps
 * large; a float of M bits errs by 2^−M of each value instead, so that with values of `high` / {@link REACH} it grows with
 * √N · (high / REACH)² · 2^−M.
 */
export function gradientScale(count: number, format: NumberFormat): number {
  if (format.kind === 'int') {
    const { qmin, qmax } = codeRange(format);
    return 1 / Math.sqrt(count * (format.symmetric ? qmax : qmax - qmin));
  }
  const typical = extentOf(format).high / REACH;
  return 2 ** format.mantissaBits / (typical * typical * Math.sqrt(count));
}
