/** One constant while it is trained. */
import type { TensorId } from '../../../core/graph/graph';
import type { Range } from '../../../core/calibration/types';
import { fittedRange, type TrainedWeights } from '../../../core/training/checkpoint';
import type { Parameter } from '../../../core/training/optimizers';
import { innerSize } from '../../../core/training/step-size';
import type { BatchNormalizer } from './batch-normalizer';
import type { WeightQuantizer } from './weight-quantizer';

/** Weights or a bias: plain arrays that are rounded and uploaded anew for each step. */
export class TrainedConstant {
  readonly parameter: Parameter;
  /** Of the op whose weights or bias these are, while its batch norm is not folded. */
  normalizer: BatchNormalizer | null = null;
  /** As {@link round} gave them last. */
  private rounded: Float32Array;
  private readonly inner: number;

  /**
   * @param axis of the output channels among the dimensions of weights
   * @param quantizer of weights that are rounded; biases are by each op that they belong to
   */
  constructor(
    readonly id: TensorId,
    readonly role: 'weights' | 'bias',
    values: Float32Array,
    readonly shape: readonly number[],
    axis: number,
    readonly quantizer: WeightQuantizer | null,
  ) {
    this.parameter = { values, gradient: new Float32Array(values.length), unit: sizeOf(values) };
    this.inner = innerSize(shape, axis);
    this.rounded = values;
  }

  /** As ops see it while training. */
  round(): Float32Array {
    const { quantizer } = this;
    return (this.rounded = quantizer ? quantizer.round(this.roundedFrom) : this.roundedFrom);
  }

  /** As ops see it with batch norm folded; a bias before it is rounded. */
  folded(): Float32Array {
    const { values } = this.foldedUnrounded();
    return this.role === 'bias' ? values : (this.quantizer?.round(values, this.scaleFactor) ?? values);
  }

  /** From the gradient of rounded values to that of the values, once it is complete. */
  finishGradient(): void {
    const { parameter, quantizer, folding } = this;
    quantizer?.backward(this.roundedFrom, this.rounded, parameter.gradient);
    if (folding) this.scaleBy(parameter.gradient, folding);
  }

  /** As a checkpoint keeps it: folded, weights not rounded. */
  foldedUnrounded(): TrainedWeights {
    const { role, parameter, normalizer, quantizer } = this;
    if (role === 'bias') return { values: normalizer?.foldedBias ?? parameter.values.slice() };
    const values = parameter.values.slice();
    const folded = normalizer ? this.scaleBy(values, normalizer.factor) : values;
    return { values: folded, ...quantizer?.grid(this.scaleFactor) };
  }

  /** What the widest channel's scale reaches; null for what has none. */
  get range(): Range | null {
    const { format, scale } = this.quantizer?.grid(this.scaleFactor) ?? {};
    if (!format || !scale || (format.kind === 'float' && !format.scaled)) return null;
    return fittedRange({ scale: scale.reduce((widest, s) => Math.max(widest, s), 0), zeroPoint: 0 }, format);
  }

  /** Scales that the op's bias is rounded by. */
  biasScale(): Float32Array | null {
    return this.quantizer?.integerScale(this.scaleFactor) ?? null;
  }

  /** Goes on from what a checkpoint keeps. */
  restore({ values, scale }: TrainedWeights): void {
    this.parameter.values.set(values);
    if (scale) this.quantizer?.restore(scale);
  }

  /** After a step of the optimizer. */
  settle(): void {
    this.parameter.gradient.fill(0);
    this.quantizer?.settle();
  }

  observe(): void {
    this.quantizer?.observe(this.roundedFrom);
  }

  private get roundedFrom(): Float32Array {
    const { parameter, folding } = this;
    return folding ? this.scaleBy(parameter.values.slice(), folding) : parameter.values;
  }

  /** What is folded into weights before they are rounded, while training: nothing where the scales take it in the end. */
  private get folding(): Float32Array | null {
    if (this.role === 'bias' || !this.normalizer || (this.quantizer?.takesFactor ?? true)) return null;
    return this.normalizer.factor;
  }

  /** What scales take when batch norm is folded. */
  private get scaleFactor(): Float32Array | undefined {
    return this.quantizer?.takesFactor ? this.normalizer?.factor : undefined;
  }

  /** In place, by output channel. */
  private scaleBy(values: Float32Array, factor: Float32Array): Float32Array {
    for (let i = 0; i < values.length; i++) values[i] *= factor[Math.floor(i / this.inner) % factor.length];
    return values;
  }
}

/** The root mean square of a constant, for each of its values: folding batch norm and raw pixels make some a thousandth. */
function sizeOf(values: Float32Array): Float32Array {
  const square = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  return new Float32Array(values.length).fill(square > 0 ? Math.sqrt(square) : 1);
}
