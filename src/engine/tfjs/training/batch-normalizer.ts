/**
 * Batch normalization put back behind an op whose weights it was folded into, so that training sees the statistics of each
 * batch. The op's weights stay folded ones: batch normalization undoes any factor of its input, so the factor between the
 * running statistics and those they were folded with, k = gain / √(variance + ε), is all that is to be folded in the end.
 *
 * Weights with a scale for each channel take k into the scale, codes unchanged (Nagel et al., "A White Paper on Neural Network
 * Quantization", 2021); others are rounded after k is folded into them, with running statistics as Krishnamoorthi
 * ("Quantizing deep convolutional networks", 2018) has it, so that codes do not flutter with the batch. Either way what
 * the op computes is normalized by the batch's statistics, his correction of Jacob et al.'s folding (2018).
 */
import { add, mul, neg, rsqrt, square, stack, sub, tensor1d, tidy, zeros, type Tensor } from '@tensorflow/tfjs-core';
import { ACTIVATION_INTERVAL } from '../../../core/graph/ops/activation-interval';
import type { FusedActivation } from '../../../core/graph/ops/attrs';
import type { Parameter } from '../../../core/training/optimizers';
import { columnAffine, columnMeans, columnProducts } from '../gradients/columns';
import type { Readback } from '../readback';

/** How far running statistics follow one batch. */
const MOMENTUM = 0.1;
/** Added to variances, as a part of the largest channel's. */
const EPSILON = 1e-5;

/** What the way back through it needs. */
export interface Normalized {
  /** What the op computed, without bias. */
  readonly y: Tensor;
  readonly mean: Tensor;
  /** 1 / √(variance + ε) */
  readonly inverse: Tensor;
}

export class BatchNormalizer {
  readonly gain: Parameter;
  private readonly mean: Float32Array;
  private readonly variance: Float32Array;
  /** Sums over the batches of an estimation: of means, and of variances about zero; null between estimations. */
  private sums: { readonly first: Float64Array; readonly second: Float64Array; batches: number } | null = null;
  private epsilon = 0;
  private isReady = false;

  /** @param shift the op's bias while it is folded, batch normalization's offset while this is in use */
  constructor(readonly shift: Parameter) {
    const channels = shift.values.length;
    const array = () => new Float32Array(channels);
    this.gain = { values: array().fill(1), gradient: array(), unit: array().fill(1) };
    this.mean = array();
    this.variance = array();
  }

  /** Gathers statistics of the batches that follow, instead of moving the running ones. */
  startEstimation(): void {
    const { length } = this.mean;
    this.sums = { first: new Float64Array(length), second: new Float64Array(length), batches: 0 };
  }

  /** Takes what was gathered for the running statistics. The first time gain and offset follow: the output stays as it was. */
  endEstimation(): void {
    const { sums, mean, variance, gain, shift } = this;
    if (!sums || sums.batches === 0) return;
    this.sums = null;
    for (let c = 0; c < mean.length; c++) {
      mean[c] = sums.first[c] / sums.batches;
      variance[c] = Math.max(0, sums.second[c] / sums.batches - mean[c] * mean[c]);
    }
    if (this.isReady) return;
    this.isReady = true;
    this.epsilon = EPSILON * variance.reduce((largest, v) => Math.max(largest, v), 1e-12);
    for (let c = 0; c < mean.length; c++) {
      gain.unit![c] = gain.values[c] = Math.sqrt(variance[c] + this.epsilon);
      shift.values[c] += mean[c];
    }
  }

  /** k, by channel. */
  get factor(): Float32Array {
    return this.gain.values.map((g, c) => (this.isReady ? g / Math.sqrt(this.variance[c] + this.epsilon) : 1));
  }

  /** The bias once it is folded. */
  get foldedBias(): Float32Array {
    const { factor } = this;
    return this.shift.values.map((b, c) => (this.isReady ? b - factor[c] * this.mean[c] : b));
  }

  /** Folds for good. */
  fold(): void {
    this.shift.values.set(this.foldedBias);
    this.isReady = false;
  }

  /** Called outside a tidy. Takes y over. @returns the output after `activation`, and what `backward` needs */
  forward(y: Tensor, activation: FusedActivation, readback: Readback): { z: Tensor; saved: Normalized } {
    const mean = columnMeans(y);
    const variance = columnProducts(y, mean, y, mean);
    readback.later(
      tidy(() => stack([mean, variance])),
      (values) => this.see(values),
    );
    const inverse = tidy(() => rsqrt(add(variance, this.epsilon)));
    variance.dispose();
    const z = tidy(() => {
      const [gain, shift] = [tensor1d(this.gain.values), tensor1d(this.shift.values)];
      const nothing = zeros([this.mean.length]);
      // Until there are statistics the op computes what it did, and is watched.
      const [factor, offset] = this.isReady
        ? [mul(gain, inverse), sub(shift, mul(mul(gain, inverse), mean))]
        : [add(nothing, 1), shift];
      return columnAffine([factor, y], [nothing, y], offset, ACTIVATION_INTERVAL[activation]);
    });
    return { z, saved: { y, mean, inverse } };
  }

  /** From the gradient before the activation to that of what the op computed. Called inside a tidy. */
  backward(dz: Tensor, { y, mean, inverse }: Normalized, readback: Readback): Tensor {
    const rows = y.size / this.mean.length;
    const nothing = zeros([this.mean.length]);
    const level = columnMeans(dz);
    const product = columnProducts(y, mean, dz, nothing);
    // Kept by the readback, beyond the tidy.
    const parameters = stack([mul(mul(product, inverse), rows), mul(level, rows)]);
    readback.later(parameters.clone(), (values) => this.addGradient(values));
    const slope = mul(tensor1d(this.gain.values), inverse);
    const alongY = neg(mul(slope, mul(square(inverse), product)));
    const offset = neg(add(mul(slope, level), mul(alongY, mean)));
    return columnAffine([slope, dz], [alongY, y], offset);
  }

  /** After a step of the optimizer: a gain stays positive, gradients start anew. */
  settle(): void {
    const { values, unit, gradient } = this.gain;
    for (let c = 0; c < values.length; c++) values[c] = Math.max(values[c], unit![c] * 1e-3);
    gradient.fill(0);
  }

  private see(statistics: Float32Array): void {
    const { mean, variance, sums } = this;
    const [m, v] = [statistics.subarray(0, mean.length), statistics.subarray(mean.length)];
    if (sums) {
      for (let c = 0; c < m.length; c++) {
        sums.first[c] += m[c];
        sums.second[c] += v[c] + m[c] * m[c];
      }
      sums.batches++;
      return;
    }
    for (let c = 0; c < m.length; c++) {
      mean[c] += MOMENTUM * (m[c] - mean[c]);
      variance[c] += MOMENTUM * (v[c] - variance[c]);
    }
  }

  private addGradient(values: Float32Array): void {
    const { gain, shift } = this;
    const channels = gain.gradient.length;
    for (let c = 0; c < channels; c++) {
      gain.gradient[c] += values[c];
      shift.gradient[c] += values[channels + c];
    }
  }
}
