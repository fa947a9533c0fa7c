import { quantizeMultiplier, multiplyByQuantizedMultiplier } from '../../numerics/requantize';
import { clamp } from '../../numerics/round';
import type { LessonFigure } from '../schema';

export type DotProductFigure = Extract<LessonFigure, { type: 'dot-product' }>;

export interface DotProduct {
  /** int8 × int8, the input's zero point taken off. */
  readonly products: readonly number[];
  /** round(bias / (input scale · weight scale)), int32. */
  readonly biasCode: number;
  readonly accumulator: number;
  /** input scale · weight scale / output scale. */
  readonly multiplier: number;
  /** The output's int8 code, as TensorFlow Lite's reference kernel computes it. */
  readonly output: number;
  /** What the code stands for, and what float arithmetic gives. */
  readonly real: number;
  readonly exact: number;
}

/** One output of a fully connected layer in integers, by the arithmetic that the runtime's int8 kernels use. */
export function dotProduct(figure: DotProductFigure): DotProduct {
  const { inputs, weights, inputZeroPoint, bias, inputScale, weightScale, outputScale, outputZeroPoint } = figure;
  const pairs = inputs.slice(0, weights.length);
  const products = pairs.map((code, i) => (code - inputZeroPoint) * weights[i]);
  const biasCode = Math.round(bias / (inputScale * weightScale));
  const accumulator = products.reduce((sum, product) => sum + product, biasCode);
  const multiplier = (inputScale * weightScale) / outputScale;
  const scaled = multiplyByQuantizedMultiplier(accumulator, quantizeMultiplier(multiplier));
  const output = clamp(scaled + outputZeroPoint, -128, 127);
  return {
    products,
    biasCode,
    accumulator,
    multiplier,
    output,
    real: outputScale * (output - outputZeroPoint),
    exact: inputScale * weightScale * products.reduce((sum, product) => sum + product, 0) + bias,
  };
}
