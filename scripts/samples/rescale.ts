/**
 * The inverse of cross-layer equalization (Nagel et al. 2019). ReLU(s·x) = s·ReLU(x) for s > 0: a channel may leave one
 * layer s times as large if the next takes it s times as small. The function stays, the ranges of the channels part.
 */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Random } from '../../src/base/random';
import { BLOCKS } from './network';

/**
 * Factors are powers of two, which floats are multiplied by without rounding: the outputs stay the same to the bit.
 * @param octaves channels get factors 2^−octaves … 2^octaves
 */
export function rescale(model: LayersModel, octaves: number, seed: number): void {
  const random = new Random(seed);
  let pointwise = 'conv';
  for (const { name } of BLOCKS) {
    const depthwise = `${name}_depthwise`;
    const channels = model.getLayer(pointwise).outputShape.at(-1) as number;
    const exponents = Array.from({ length: channels }, () => random.integer(2 * octaves + 1) - octaves);
    // What enters large leaves small: the depthwise filter bridges both, its channels differ by the square.
    scaleOutput(model, pointwise, exponents);
    scaleInput(model, depthwise, exponents);
    scaleOutput(model, depthwise, exponents.map((e) => -e)); // prettier-ignore
    scaleInput(model, `${name}_pointwise`, exponents.map((e) => -e)); // prettier-ignore
    pointwise = `${name}_pointwise`;
  }
}

/** By way of batch norm's gamma and beta, which come first of its weights. */
function scaleOutput(model: LayersModel, layer: string, exponents: readonly number[]): void {
  change(model, `${layer}_bn`, ([gamma, beta, ...statistics]) => [
    times(gamma, (i) => exponents[i]),
    times(beta, (i) => exponents[i]),
    ...statistics,
  ]);
}

/** Kernels are [H, W, input, output]; a depthwise one's output is 1 an input. */
function scaleInput(model: LayersModel, layer: string, exponents: readonly number[]): void {
  change(model, layer, ([kernel]) => {
    const outputs = kernel.shape[3]!;
    return [times(kernel, (i) => -exponents[Math.floor(i / outputs) % exponents.length])];
  });
}

function change(model: LayersModel, layer: string, to: (weights: readonly Tensor[]) => Tensor[]): void {
  const found = model.getLayer(layer);
  found.setWeights(to(found.getWeights()));
}

/** Each value times two to the power given for its index. */
function times(weight: Tensor, exponent: (index: number) => number): Tensor {
  return tensor(weight.dataSync().map((value, i) => value * 2 ** exponent(i)), weight.shape); // prettier-ignore
}
