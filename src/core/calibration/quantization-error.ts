import type { AffineParams } from '../numerics/affine';
import { codeRange, type FloatFormat, type IntFormat, type NumberFormat } from '../number-formats/format';
import { codecOf } from '../number-formats/codecs';
import { sumErrors, type QuantizationError, type Sawtooth } from './sawtooth';
import type { Distribution } from './types';

/** Squared error of a distribution on a grid, split into clipping and rounding; see {@link sumErrors}. */
export function quantizationError(
  distribution: Distribution,
  params: AffineParams,
  format: NumberFormat,
): QuantizationError {
  const Kind = SAWTEETH[format.kind] as SawtoothClass<NumberFormat>;
  return sumErrors(distribution, new Kind(params, format));
}

/** Where clipping begins: half a step outside the grid, as far as rounding reaches. */
export function clipBounds(
  params: AffineParams,
  format: NumberFormat,
): { readonly low: number; readonly high: number } {
  const Kind = SAWTEETH[format.kind] as SawtoothClass<NumberFormat>;
  const { low, high } = new Kind(params, format);
  return { low, high };
}

type SawtoothClass<F extends NumberFormat> = new (params: AffineParams, format: F) => Sawtooth;

/** Whole cells of scale³/12 and a part of one. */
class EvenSawtooth implements Sawtooth {
  readonly low: number;
  readonly high: number;
  private readonly scale: number;
  private readonly kmin: number;
  private readonly kmax: number;
  private readonly perCell: number;

  constructor({ scale, zeroPoint }: AffineParams, format: IntFormat) {
    const { qmin, qmax } = codeRange(format);
    this.scale = scale;
    this.kmin = qmin - zeroPoint;
    this.kmax = qmax - zeroPoint;
    this.perCell = (scale * scale * scale) / 12;
    this.low = (this.kmin - 0.5) * scale;
    this.high = (this.kmax + 0.5) * scale;
  }

  error(x: number): number {
    const nearest = Math.round(x / this.scale);
    const k = nearest < this.kmin ? this.kmin : nearest > this.kmax ? this.kmax : nearest;
    return x - k * this.scale;
  }

  integral(x: number): number {
    const nearest = Math.round(x / this.scale);
    const k = nearest < this.kmin ? this.kmin : nearest > this.kmax ? this.kmax : nearest;
    const rest = x - k * this.scale;
    return k * this.perCell + (rest * rest * rest) / 3;
  }
}

/** The same with a step that doubles from binade to binade; odd, so only magnitudes are looked at. */
class FloatSawtooth implements Sawtooth {
  readonly low: number;
  readonly high: number;
  private readonly starts: Float64Array;
  private readonly steps: Float64Array;
  /** Integral from 0 to each start. */
  private readonly before: Float64Array;
  private readonly largest: number;
  private readonly atLargest: number;
  /** Neighbouring questions are about the same segment. */
  private current = 0;

  constructor({ scale }: AffineParams, format: FloatFormat) {
    const segments = codecOf(format).segments.filter(({ start }) => start >= 0);
    this.starts = Float64Array.from(segments, ({ start }) => start * scale);
    this.steps = Float64Array.from(segments, ({ step }) => step * scale);
    this.before = new Float64Array(segments.length);
    let sum = 0;
    segments.forEach(({ start, end }, i) => {
      this.before[i] = sum;
      sum += ((end - start) * scale * this.steps[i] * this.steps[i]) / 12;
    });
    const last = segments.length - 1;
    this.largest = segments[last].end * scale;
    this.atLargest = sum;
    this.high = this.largest + this.steps[last] / 2;
    this.low = -this.high;
  }

  error(x: number): number {
    return x < 0 ? -this.errorOf(-x) : this.errorOf(x);
  }

  integral(x: number): number {
    return x < 0 ? -this.integralOf(-x) : this.integralOf(x);
  }

  private errorOf(magnitude: number): number {
    if (magnitude >= this.largest) return magnitude - this.largest;
    const i = this.segmentOf(magnitude);
    const from = magnitude - this.starts[i];
    return from - Math.round(from / this.steps[i]) * this.steps[i];
  }

  private integralOf(magnitude: number): number {
    if (magnitude >= this.largest) return this.atLargest + (magnitude - this.largest) ** 3 / 3;
    const i = this.segmentOf(magnitude);
    const step = this.steps[i];
    const gaps = Math.floor((magnitude - this.starts[i]) / step);
    const perGap = (step * step * step) / 12;
    const below = magnitude - this.starts[i] - gaps * step;
    const above = step - below;
    const part = below <= above ? (below * below * below) / 3 : perGap - (above * above * above) / 3;
    return this.before[i] + gaps * perGap + part;
  }

  private segmentOf(magnitude: number): number {
    const { starts } = this;
    let i = this.current;
    while (magnitude < starts[i]) i--;
    while (i + 1 < starts.length && magnitude >= starts[i + 1]) i++;
    return (this.current = i);
  }
}

const SAWTEETH: { readonly [K in NumberFormat['kind']]: SawtoothClass<Extract<NumberFormat, { kind: K }>> } = {
  int: EvenSawtooth,
  float: FloatSawtooth,
};
