/** Ops that take one number from many: pooling windows, means, maxima. */
import {
  avgPool,
  max,
  maxPool,
  mean as tfMean,
  min,
  stridedSlice,
  sum as tfSum,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Op } from '../../../core/graph/ops/attrs';
import { unary } from './kernel';

type Pool = (x: Tensor4D, filter: [number, number], strides: [number, number], padding: 'same' | 'valid') => Tensor4D;

function pool(x: Tensor, { attrs }: Op<'averagePool2d'> | Op<'maxPool2d'>, run: Pool): Tensor {
  const { filter, strides, padding } = attrs;
  // XNNPACK calls pooling one value meaningless and computes nothing; it is picking every stride-th value.
  if (filter[0] === 1 && filter[1] === 1) return stridedSlice(x, [0, 0, 0, 0], x.shape, [1, ...strides, 1]);
  return run(x as Tensor4D, [...filter], [...strides], padding);
}

export const averagePool2d = unary<'averagePool2d'>((x, op) => pool(x, op, avgPool));
export const maxPool2d = unary<'maxPool2d'>((x, op) => pool(x, op, maxPool));

export const mean = unary<'mean'>((x, { attrs }) => tfMean(x, [...attrs.axes], attrs.keepDims));
export const reduceMax = unary<'reduceMax'>((x, { attrs }) => max(x, [...attrs.axes], attrs.keepDims));
export const reduceMin = unary<'reduceMin'>((x, { attrs }) => min(x, [...attrs.axes], attrs.keepDims));
export const sum = unary<'sum'>((x, { attrs }) => tfSum(x, [...attrs.axes], attrs.keepDims));
