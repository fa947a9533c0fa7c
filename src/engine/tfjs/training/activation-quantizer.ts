import { activationGradients, gradientScale, type ActivationSums } from '../../../core/training/step-size';
import type { Parameter } from '../../../core/training/optimizers';
import { chooseQuantParams, representableRange, type AffineParams } from '../../../core/numerics/affine';
import { bitsOf, codeRange, extentOf, type AnyFormat } from '../../../core/number-formats/format';
import type { TensorId } from '../../../core/graph/graph';
import type { Range } from '../../../core/calibration/types';
import type { ActivationRounding } from '../fake-quant/rounding';

/** How far an observed range follows one batch. */
const MOMENTUM = 0.1;
/** A scale stays above this part of what it started from. */
const SMALLEST = 1e-3;

export type RangeMode = 'learned' | 'observed' | 'fixed';

/** The grid that a group of activations shares, and how it changes while training. */
export class ActivationQuantizer {
  /** [scale, offset], where the zero point is −offset / scale, rounded. */
  readonly parameter: Parameter;
  readonly mode: RangeMode;
  /** The zero point of grids that have no other: symmetric ones, and those that end at zero, as after a ReLU. */
  private readonly pinned: number | null;
  private readonly start: number;
  private readonly step: number;
  private readonly observed: { min: number; max: number };
  private hasObserved = false;

  /**
   * @param source the tensor that stands for the group in a plan
   * @param start the grid to start from
   * @param mode 'fixed' whatever is asked for where a format has no scale to choose: blocks find theirs, FP16 needs none
   * @param elements of the source for one sample
   */
  constructor(
    readonly source: TensorId,
    start: AffineParams,
    private readonly format: AnyFormat,
    mode: RangeMode,
    elements: number,
  ) {
    const { scale, zeroPoint } = start;
    const isScaled = format.kind === 'int' || (format.kind === 'float' && format.scaled);
    this.mode = isScaled ? mode : 'fixed';
    this.start = scale;
    this.step = format.kind === 'block' ? 0 : gradientScale(elements, format);
    this.pinned = pinnedZero(format, zeroPoint);
    this.observed = { min: 0, max: 0, ...this.rangeOf(start) };
    this.parameter = {
      values: Float32Array.of(scale, -zeroPoint * scale),
      gradient: new Float32Array(2),
      unit: Float32Array.of(scale, scale * 2 ** (bitsOf(format) - 2)),
    };
  }

  get params(): AffineParams {
    const [scale, offset] = this.parameter.values;
    if (this.pinned !== null || this.format.kind !== 'int') return { scale, zeroPoint: this.pinned ?? 0 };
    const { qmin, qmax } = codeRange(this.format);
    return { scale, zeroPoint: Math.max(qmin, Math.min(qmax, Math.round(-offset / scale))) };
  }

  get rounding(): ActivationRounding {
    const { format, params } = this;
    return format.kind === 'int' ? { ...params, ...codeRange(format) } : { format, scale: params.scale };
  }

  /** Ends of the grid; blocks have none. */
  get bounds(): { low: number; high: number } {
    const { low, high } = this.extent;
    const { scale } = this.params;
    return { low: Math.fround(low * scale), high: Math.fround(high * scale) };
  }

  /** The same in units of its scale, zero at 0. */
  private get extent(): { low: number; high: number } {
    const { format } = this;
    if (format.kind === 'block') return { low: -Infinity, high: Infinity };
    const { low, high } = extentOf(format);
    const { zeroPoint } = this.params;
    return { low: low - zeroPoint, high: high - zeroPoint };
  }

  /** What the grid covers; undefined for blocks. */
  get range(): Range | undefined {
    return this.rangeOf(this.params);
  }

  /** The scale that a bias is rounded by; null where accumulators are no integers. */
  get integerScale(): number | null {
    return this.format.kind === 'int' ? this.params.scale : null;
  }

  /** Moves an observed range towards the extrema of a batch; the grid follows after the step. */
  observe(min: number, max: number): void {
    if (!Number.isFinite(max - min)) return; // a broken batch says nothing, and would be remembered
    const { observed } = this;
    observed.min += MOMENTUM * (Math.min(min, 0) - observed.min);
    observed.max += MOMENTUM * (Math.max(max, 0) - observed.max);
    this.hasObserved = true;
  }

  /** Adds what one of the group's tensors says about the grid. */
  addGradient(sums: ActivationSums): void {
    const { scale, offset } = activationGradients(sums, this.params.scale, this.extent);
    const { gradient } = this.parameter;
    gradient[0] += scale * this.step;
    if (this.pinned === null) gradient[1] += offset * this.step;
  }

  /** After a step of the optimizer: the grid stays one. */
  settle(): void {
    const { values, gradient } = this.parameter;
    if (this.hasObserved && this.format.kind !== 'block') this.restore(chooseQuantParams(this.observed, this.format));
    this.hasObserved = false;
    values[0] = Math.max(values[0], this.start * SMALLEST);
    gradient.fill(0);
  }

  restore({ scale, zeroPoint }: AffineParams): void {
    this.parameter.values.set([scale, -zeroPoint * scale]);
  }

  private rangeOf(params: AffineParams): Range | undefined {
    return this.format.kind === 'block' ? undefined : representableRange(params, this.format);
  }
}

function pinnedZero(format: AnyFormat, zeroPoint: number): number | null {
  if (format.kind !== 'int' || format.symmetric) return 0;
  const { qmin, qmax } = codeRange(format);
  return zeroPoint === qmin || zeroPoint === qmax ? zeroPoint : null;
}
