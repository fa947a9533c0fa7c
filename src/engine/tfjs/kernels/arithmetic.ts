import {
  add as tfAdd,
  batchNorm as tfBatchNorm,
  div as tfDiv,
  floorDiv as tfFloorDiv,
  maximum as tfMaximum,
  minimum as tfMinimum,
  mod as tfMod,
  mul as tfMul,
  pow as tfPow,
  squaredDifference as tfSquaredDifference,
  sub as tfSub,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { binary, present, type Kernel } from './kernel';

export const add = binary<'add'>((a, b) => tfAdd(a, b));
export const sub = binary<'sub'>((a, b) => tfSub(a, b));
export const mul = binary<'mul'>((a, b) => tfMul(a, b));
export const div = binary<'div'>((a, b) => tfDiv(a, b));
export const maximum = binary<'maximum'>((a, b) => tfMaximum(a, b));
export const minimum = binary<'minimum'>((a, b) => tfMinimum(a, b));
export const pow = binary<'pow'>((a, b) => tfPow(a, b));
export const squaredDifference = binary<'squaredDifference'>((a, b) => tfSquaredDifference(a, b));
export const floorDiv = binary<'floorDiv'>((a, b) => tfFloorDiv(a, b));
export const floorMod = binary<'floorMod'>((a, b) => tfMod(a, b));

export const batchNorm: Kernel<'batchNorm'> = {
  run(inputs, { attrs }) {
    const [gamma, beta] = [inputs[1] ?? undefined, inputs[2] ?? undefined];
    const [mean, variance] = [present(inputs, 3), present(inputs, 4)];
    return tfBatchNorm(
      present(inputs, 0),
      mean as Tensor1D,
      variance as Tensor1D,
      beta as Tensor1D | undefined,
      gamma as Tensor1D | undefined,
      attrs.epsilon,
    );
  },
};
