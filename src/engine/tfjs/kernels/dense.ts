import { fused, matMul, reshape, transpose, type Tensor2D } from '@tensorflow/tfjs-core';
import { activateRest, FUSED_NAME } from './activation';
import { present, type Kernel } from './kernel';

export const fullyConnected: Kernel<'fullyConnected'> = {
  activates: true,
  // [O,I] → [I,O]: XNNPACK's matrix product wants neither factor transposed.
  arrange: { 1: (weights) => transpose(weights) },
  run(inputs, { attrs, activation }) {
    const x = present(inputs, 0);
    const weights = present(inputs, 1) as Tensor2D;
    const [depth, units] = weights.shape;
    const y = fused.matMul({
      a: reshape(x, [-1, depth]) as Tensor2D,
      b: weights,
      ...(inputs[2] && { bias: inputs[2] }),
      activation: FUSED_NAME[activation],
    });
    const shaped = attrs.keepDims ? reshape(y, [...x.shape.slice(0, -1), units]) : y;
    return activateRest(shaped, activation);
  },
};

export const batchMatMul: Kernel<'batchMatMul'> = {
  run: (inputs, { attrs }) => matMul(present(inputs, 0), present(inputs, 1), attrs.transposeX, attrs.transposeY),
};
