/** How weights are rounded while they are trained. */
import type { NumberFormat, BlockFormat } from '../../../core/number-formats/format';
import { INT8_WEIGHT } from '../../../core/number-formats/format';
import { chooseQuantParams } from '../../../core/numerics/affine';
import type { WeightPlan } from '../../../core/quantize/plan';
import type { TrainedWeights } from '../../../core/training/checkpoint';
import type { Parameter } from '../../../core/training/optimizers';
import {
  gradientScale,
  innerSize,
  roundWeights,
  weightGradients,
  type ChannelGrid,
} from '../../../core/training/step-size';
import { roundConstant } from '../fake-quant/format';

/** A scale stays above this part of what it started from. */
const SMALLEST = 1e-3;

export interface WeightQuantizer {
  /** @param factor by channel, of the scales: what {@link takesFactor} says can be given to them */
  round(values: Float32Array, factor?: Float32Array): Float32Array;
  /** Whether each channel has a scale of its own, so that a factor of the channel can be one of the scale. */
  readonly takesFactor: boolean;
  /**
   * Turns the gradient with respect to the rounded values, in place, into that with respect to the values; gathers that of
   * the scales.
   */
  backward(values: Float32Array, rounded: Float32Array, gradient: Float32Array): void;
  /** Scales that a step may change. */
  readonly parameter: Parameter | null;
  /** Scales that biases are rounded by, one for each channel or for all; null where accumulators are no integers. */
  integerScale(factor?: Float32Array): Float32Array | null;
  /** As a checkpoint keeps it; nothing for blocks. */
  grid(factor?: Float32Array): Omit<TrainedWeights, 'values'>;
  /** After a step of the optimizer: scales stay positive, gradients start anew. */
  settle(): void;
  /** Observed ranges: scales span the values. */
  observe(values: Float32Array): void;
  restore(scale: Float32Array): void;
}

/** @param shape of the weights */
export function weightQuantizer(planned: WeightPlan, shape: readonly number[]): WeightQuantizer {
  const { format = INT8_WEIGHT } = planned;
  return format.kind === 'block'
    ? new BlockQuantizer(format, shape, planned)
    : new GridQuantizer(format, shape, planned);
}

class GridQuantizer implements WeightQuantizer {
  readonly parameter: Parameter | null;
  private readonly scale: Float32Array;
  private readonly start: Float32Array;
  private readonly gradient: Float32Array;
  private readonly own: ChannelGrid;
  private readonly step: number;
  private readonly quantizedDimension: number;

  constructor(
    private readonly format: NumberFormat,
    shape: readonly number[],
    { params: { scale, quantizedDimension } }: WeightPlan,
  ) {
    const count = shape.reduce((n, d) => n * d, 1);
    const inner = scale.length === 1 ? count : innerSize(shape, quantizedDimension);
    this.scale = scale.slice();
    this.start = scale.slice();
    this.gradient = new Float32Array(scale.length);
    this.own = { scale: this.scale, inner, format };
    this.step = gradientScale(count / scale.length, format);
    this.quantizedDimension = quantizedDimension;
    const isScaled = format.kind === 'int' || format.scaled;
    this.parameter = isScaled ? { values: this.scale, gradient: this.gradient, unit: this.start } : null;
  }

  get takesFactor(): boolean {
    return this.scale.length > 1 && this.parameter !== null;
  }

  integerScale(factor?: Float32Array): Float32Array | null {
    return this.format.kind === 'int' ? this.scaled(factor) : null;
  }

  grid(factor?: Float32Array): Omit<TrainedWeights, 'values'> {
    const { format, quantizedDimension } = this;
    return { format, scale: this.scaled(factor).slice(), quantizedDimension };
  }

  round(values: Float32Array, factor?: Float32Array): Float32Array {
    return roundWeights(values, { ...this.own, scale: this.scaled(factor) });
  }

  private scaled(factor: Float32Array | undefined): Float32Array {
    return factor ? this.scale.map((s, c) => s * factor[c]) : this.scale;
  }

  backward(values: Float32Array, rounded: Float32Array, gradient: Float32Array): void {
    weightGradients(values, rounded, gradient, this.own, this.gradient);
    for (let c = 0; c < this.gradient.length; c++) this.gradient[c] *= this.step;
  }

  settle(): void {
    const { scale, start, gradient } = this;
    for (let c = 0; c < scale.length; c++) scale[c] = Math.max(scale[c], start[c] * SMALLEST);
    gradient.fill(0);
  }

  observe(values: Float32Array): void {
    const { scale, own } = this;
    const [min, max] = [new Float64Array(scale.length), new Float64Array(scale.length)];
    for (let i = 0; i < values.length; i++) {
      const c = Math.floor(i / own.inner) % scale.length;
      min[c] = Math.min(min[c], values[i]);
      max[c] = Math.max(max[c], values[i]);
    }
    for (let c = 0; c < scale.length; c++)
      if (min[c] < max[c]) scale[c] = chooseQuantParams({ min: min[c], max: max[c] }, this.format).scale;
  }

  restore(scale: Float32Array): void {
    this.scale.set(scale);
  }
}

/** Blocks find their scales by the largest of their values: nothing is clipped to speak of, nothing is learned. */
class BlockQuantizer implements WeightQuantizer {
  readonly parameter = null;
  readonly takesFactor = false;

  constructor(
    private readonly format: BlockFormat,
    private readonly shape: readonly number[],
    private readonly planned: WeightPlan,
  ) {}

  round(values: Float32Array): Float32Array {
    const { format, planned } = this;
    return roundConstant(values, this.shape, {
      format,
      ranges: planned.ranges,
      axis: planned.params.quantizedDimension,
    });
  }

  grid(): Omit<TrainedWeights, 'values'> {
    return {};
  }

  integerScale(): null {
    return null;
  }

  backward(): void {}
  settle(): void {}
  observe(): void {}
  restore(): void {}
}
