/** Ops that take one number from many: pooling windows, means, maxima. */
import {
  argMax as tfArgMax,
  argMin as tfArgMin,
  avgPool,
  cast,
  cumsum as tfCumsum,
  max,
  maxPool,
  mean as tfMean,
  min,
  prod,
  stridedSlice,
  sum as tfSum,
  topk,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Op } from '../../../core/graph/ops/attrs';
import { present, unary, type Kernel } from './kernel';

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
export const reduceProd = unary<'reduceProd'>((x, { attrs }) => prod(x, [...attrs.axes], attrs.keepDims));

/** Truth values are 0 and 1. */
export const reduceAny = unary<'reduceAny'>((x, { attrs }) => max(x, [...attrs.axes], attrs.keepDims));
export const reduceAll = unary<'reduceAll'>((x, { attrs }) => min(x, [...attrs.axes], attrs.keepDims));

export const cumsum = unary<'cumsum'>((x, { attrs }) => tfCumsum(x, attrs.axis, attrs.exclusive, attrs.reverse));

export const argMax = unary<'argMax'>((x, { attrs }) => cast(tfArgMax(x, attrs.axis), 'float32'));
export const argMin = unary<'argMin'>((x, { attrs }) => cast(tfArgMin(x, attrs.axis), 'float32'));

export const topK: Kernel<'topK'> = {
  run(inputs, { attrs }) {
    const { values, indices } = topk(present(inputs, 0), attrs.k, true);
    return [values, cast(indices, 'float32')];
  },
};
