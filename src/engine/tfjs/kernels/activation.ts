/** Activations as ops of their own, and those fused into the op before. */
import {
  add,
  clipByValue,
  div,
  elu as tfElu,
  leakyRelu as tfLeakyRelu,
  logSoftmax as tfLogSoftmax,
  maximum,
  minimum,
  mul,
  prelu as tfPrelu,
  relu as tfRelu,
  relu6 as tfRelu6,
  sigmoid as tfSigmoid,
  softmax as tfSoftmax,
  sqrt,
  square,
  sum,
  tanh as tfTanh,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { FusedActivation } from '../../../core/graph/ops/attrs';
import { present, unary, type Kernel } from './kernel';

/** tfjs' names of the activations which its convolutions and matMul fuse. */
export const FUSED_NAME: Readonly<Record<FusedActivation, 'linear' | 'relu' | 'relu6'>> = {
  none: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  reluN1To1: 'linear', // applied by `activateRest`
};

const ACTIVATE: Readonly<Record<FusedActivation, (x: Tensor) => Tensor>> = {
  none: (x) => x,
  relu: (x) => tfRelu(x),
  relu6: (x) => tfRelu6(x),
  reluN1To1: (x) => clipByValue(x, -1, 1),
};

export function activate(x: Tensor, activation: FusedActivation): Tensor {
  return ACTIVATE[activation](x);
}

/** What is left to apply after an op that tfjs ran with `FUSED_NAME[activation]`. */
export function activateRest(x: Tensor, activation: FusedActivation): Tensor {
  return activation === 'reluN1To1' ? activate(x, activation) : x;
}

export const relu = unary<'relu'>((x) => tfRelu(x));
export const relu6 = unary<'relu6'>((x) => tfRelu6(x));
export const elu = unary<'elu'>((x) => tfElu(x));
export const sigmoid = unary<'sigmoid'>((x) => tfSigmoid(x));
export const tanh = unary<'tanh'>((x) => tfTanh(x));
export const leakyRelu = unary<'leakyRelu'>((x, { attrs }) => tfLeakyRelu(x, attrs.alpha));
export const softmax = unary<'softmax'>((x, { attrs }) => tfSoftmax(attrs.beta === 1 ? x : mul(x, attrs.beta)));
export const hardSwish = unary<'hardSwish'>((x) => mul(mul(x, tfRelu6(add(x, 3))), 1 / 6));

export const reluN1To1 = unary<'reluN1To1'>((x) => activate(x, 'reluN1To1'));
export const relu0To1 = unary<'relu0To1'>((x) => clipByValue(x, 0, 1));
export const logSoftmax = unary<'logSoftmax'>((x) => tfLogSoftmax(x));
export const l2Normalization = unary<'l2Normalization'>((x) => div(x, maximum(sqrt(sum(square(x), -1, true)), 1e-6)));

export const prelu: Kernel<'prelu'> = {
  run(inputs) {
    const x = present(inputs, 0);
    const alpha = present(inputs, 1);
    // The wasm kernel repeats alpha over x, which is broadcasting only where alpha covers x's last dimensions wholly.
    return coversLastDimensions(alpha.shape, x.shape) ? tfPrelu(x, alpha) : add(tfRelu(x), mul(alpha, minimum(x, 0)));
  },
};

function coversLastDimensions(alpha: readonly number[], x: readonly number[]): boolean {
  const first = alpha.findIndex((d) => d !== 1);
  const covering = first === -1 ? [] : alpha.slice(first);
  return covering.length > 0 && covering.every((d, i) => d === x[x.length - covering.length + i]);
}
