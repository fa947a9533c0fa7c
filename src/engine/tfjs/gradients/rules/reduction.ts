import { cast, cumsum as tfCumsum, div, equal, max, min, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { Op } from '../../../../core/graph/ops/attrs';
import { averagePoolGradient, maxPoolGradient } from '../pool';
import { scatter } from '../scatter';
import { repeatTo, sumTo } from '../sums';
import { unary } from './rule';

/** A window of one value picks every stride-th. */
function picked(dy: Tensor, x: Tensor, strides: readonly [number, number]): Tensor {
  return scatter(dy, x.shape, (axis, i) => [{ to: axis === 1 || axis === 2 ? i * strides[axis - 1] : i, weight: 1 }]);
}

function poolAttrs({ attrs }: Op<'averagePool2d'> | Op<'maxPool2d'>) {
  const { filter, strides, padding } = attrs;
  return { filterSize: [...filter] as [number, number], strides: [...strides] as [number, number], pad: padding };
}

const isPicking = ({ attrs: { filter } }: Op<'averagePool2d'> | Op<'maxPool2d'>) => filter[0] === 1 && filter[1] === 1;

export const averagePool2d = unary<'averagePool2d'>((dy, x, _y, op) => {
  if (isPicking(op)) return picked(dy, x, op.attrs.strides);
  return averagePoolGradient(dy, x, poolAttrs(op));
});

export const maxPool2d = unary<'maxPool2d'>((dy, x, _y, op) =>
  isPicking(op) ? picked(dy, x, op.attrs.strides) : maxPoolGradient(dy, x, poolAttrs(op)),
);

/** The shape of a reduction's output with the reduced axes kept. */
function kept(x: Tensor, { attrs }: Op<'mean' | 'sum' | 'reduceMax' | 'reduceMin'>): number[] {
  return x.shape.map((d, axis) => (attrs.axes.includes(axis) ? 1 : d));
}

export const mean = unary<'mean'>((dy, x, _y, op) => repeatTo(reshape(dy, kept(x, op)), x.shape, dy.size / x.size));

export const sum = unary<'sum'>((dy, x, _y, op) => repeatTo(reshape(dy, kept(x, op)), x.shape));

/** A value is in the sums of all that come after it. */
export const cumsum = unary<'cumsum'>((dy, _x, _y, { attrs: { axis, exclusive, reverse } }) =>
  tfCumsum(dy, axis, exclusive, !reverse),
);

/** Equal extrema share the gradient, as in TensorFlow. `y` is found anew: the op's output may be clamped. */
function extremum(dy: Tensor, x: Tensor, y: Tensor, op: Op<'reduceMax' | 'reduceMin'>): Tensor {
  const shape = kept(x, op);
  // WebGPU casts in name only, and cannot transpose what it cast: the product is a number indeed.
  const isChosen = mul(cast(equal(x, repeatTo(reshape(y, shape), x.shape)), 'float32'), 1);
  const share = div(reshape(dy, shape), sumTo(isChosen, shape));
  return mul(isChosen, repeatTo(share, x.shape));
}

export const reduceMax = unary<'reduceMax'>((dy, x, _y, op) => extremum(dy, x, max(x, [...op.attrs.axes]), op));
export const reduceMin = unary<'reduceMin'>((dy, x, _y, op) => extremum(dy, x, min(x, [...op.attrs.axes]), op));
