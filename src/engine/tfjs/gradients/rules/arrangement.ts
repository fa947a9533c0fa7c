/** What only moves values moves their gradients back. */
import {
  batchToSpaceND,
  clone,
  concat as tfConcat,
  depthToSpace as tfDepthToSpace,
  matMul,
  oneHot,
  pad as tfPad,
  reshape as tfReshape,
  reverse as tfReverse,
  slice as tfSlice,
  spaceToBatchND,
  stack,
  transpose as tfTranspose,
  unstack,
  zerosLike,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { Pair } from '../../../../core/graph/ops/attrs';
import { bilinearTap, nearestTap } from '../../../../core/graph/spatial';
import { onWasm } from '../../heap';
import { scatter, type Tap } from '../scatter';
import { sumTo } from '../sums';
import { unary, type Rule } from './rule';

export const identity = unary<'identity' | 'quantize' | 'dequantize'>((dy) => clone(dy));
export const reshape = unary<'reshape'>((dy, x) => tfReshape(dy, x.shape));

export const transpose = unary<'transpose'>((dy, _x, _y, { attrs: { permutation } }) =>
  tfTranspose(
    dy,
    permutation.map((_, axis) => permutation.indexOf(axis)),
  ),
);

export const pad = unary<'pad'>((dy, x, _y, { attrs }) =>
  tfSlice(
    dy,
    attrs.paddings.map(([before]) => before),
    x.shape,
  ),
);

export const slice = unary<'slice'>((dy, x, _y, { attrs: { begin } }) =>
  tfPad(
    dy,
    begin.map((from, axis): [number, number] => [from, x.shape[axis] - from - dy.shape[axis]]),
  ),
);

export const stridedSlice = unary<'stridedSlice'>((dy, x, _y, { attrs: { begin, strides, shrinkAxes } }) => {
  const shape = [...dy.shape];
  for (const axis of [...shrinkAxes].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
  return scatter(tfReshape(dy, shape), x.shape, (axis, i) => [{ to: begin[axis] + i * strides[axis], weight: 1 }]);
});

export const concat: Rule<'concat'> = ({ op, dys: [dy], inputs }) => {
  const { axis } = op.attrs;
  let at = 0;
  return inputs.map((input) => {
    const begin = dy!.shape.map((_, i) => (i === axis ? at : 0));
    at += input!.shape[axis];
    return tfSlice(dy!, begin, input!.shape);
  });
};

export const split: Rule<'split'> = ({ op, dys, outputs }) => [
  tfConcat(
    dys.map((dy, i) => dy ?? zerosLike(outputs[i])),
    op.attrs.axis,
  ),
];

export const spaceToDepth = unary<'spaceToDepth'>((dy, _x, _y, { attrs }) =>
  tfDepthToSpace(dy as Tensor4D, attrs.blockSize, 'NHWC'),
);

export const depthToSpace = unary<'depthToSpace'>((dy, x, _y, { attrs: { blockSize: b } }) => {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const blocks = tfReshape(dy, [batch, height, b, width, b, channels / (b * b)]);
  return tfReshape(tfTranspose(blocks, [0, 1, 3, 2, 4, 5]), [batch, height, width, channels]);
});

const pairs = (edges: readonly Pair[]) => edges.map(([before, after]) => [before, after]);

/** What was padded is cropped, and the other way round. */
export const spaceToBatch = unary<'spaceToBatch'>((dy, _x, _y, { attrs }) =>
  batchToSpaceND(dy, [...attrs.block], pairs(attrs.paddings)),
);
export const batchToSpace = unary<'batchToSpace'>((dy, _x, _y, { attrs }) =>
  spaceToBatchND(dy, [...attrs.block], pairs(attrs.crops)),
);

export const reverse = unary<'reverse'>((dy, _x, _y, { attrs }) => tfReverse(dy, [...attrs.axes]));
export const broadcastTo = unary<'broadcastTo'>((dy, x) => sumTo(dy, x.shape));

/** The weights with which an output row or column was made of input ones, as the forward kernel has them. */
function resize(dy: Tensor, x: Tensor, tapsOf: (i: number, length: number, size: number) => Tap[]): Tensor {
  return scatter(dy, x.shape, (axis, i) =>
    axis === 1 || axis === 2 ? tapsOf(i, x.shape[axis]!, dy.shape[axis]!) : [{ to: i, weight: 1 }],
  );
}

export const resizeBilinear = unary<'resizeBilinear'>((dy, x, _y, { attrs }) =>
  resize(dy, x, (i, length, size) => {
    const { lower, upper, fraction } = bilinearTap(i, length, size, attrs);
    return [
      { to: lower, weight: 1 - fraction },
      { to: upper, weight: fraction },
    ];
  }),
);

export const resizeNearest = unary<'resizeNearest'>((dy, x, _y, { attrs }) =>
  resize(dy, x, (i, length, size) => [{ to: nearestTap(i, length, size, attrs), weight: 1 }]),
);

export const pack: Rule<'pack'> = ({ op, dys: [dy] }) => unstack(dy!, op.attrs.axis);

export const unpack: Rule<'unpack'> = ({ op, dys, outputs }) => [
  stack(
    dys.map((dy, i) => dy ?? zerosLike(outputs[i])),
    op.attrs.axis,
  ),
];

/** One axis at a time: GPUs have no tensors of eight dimensions. */
export const tile = unary<'tile'>((dy, x, _y, { attrs: { repeats } }) =>
  repeats.reduce((whole, times, axis) => {
    if (times === 1) return whole;
    const outer = whole.shape.slice(0, axis).reduce((n, d) => n * d, 1);
    const copy = whole.size / (outer * times);
    const summed = sumTo(tfReshape(whole, [outer, times, copy]), [outer, 1, copy]);
    return tfReshape(
      summed,
      whole.shape.map((d, i) => (i === axis ? x.shape[axis] : d)),
    );
  }, dy),
);

export const mirrorPad = unary<'mirrorPad'>((dy, x, _y, { attrs: { paddings, mode } }) => {
  const border = mode === 'reflect' ? 0 : 1;
  return scatter(dy, x.shape, (axis, i) => {
    const [length, at] = [x.shape[axis], i - paddings[axis][0]];
    const to = at < 0 ? -at - border : at >= length ? 2 * (length - 1) - at + border : at;
    return [{ to, weight: 1 }];
  });
});

/** Indices are data: only what was gathered has a gradient. */
export const gather: Rule<'gather'> = ({ op, dys: [dy], inputs: [x, indices], wanted }) => {
  if (!wanted[0]) return [null, null];
  const { axis } = op.attrs;
  const [before, after] = [x!.shape.slice(0, axis), x!.shape.slice(axis + 1)];
  const flat = tfReshape(dy!, [...before, indices!.size, ...after]);
  if (!onWasm()) return [gatheredByProduct(flat, x!, indices!, axis), null];
  const rows = indices!.dataSync();
  return [scatter(flat, x!.shape, (along, i) => [{ to: along === axis ? rows[i] : i, weight: 1 }]), null];
};

/** Without reading the indices: a row for each, with a one where it points. */
function gatheredByProduct(dy: Tensor, x: Tensor, indices: Tensor, axis: number): Tensor {
  const size = (dimensions: readonly number[]) => dimensions.reduce((n, d) => n * d, 1);
  const [outer, inner] = [size(x.shape.slice(0, axis)), size(x.shape.slice(axis + 1))];
  const pointers = oneHot(tfReshape(indices, [indices.size]) as Tensor1D, x.shape[axis], 1, 0, 'float32');
  const rows = tfReshape(dy, [outer, indices.size, inner]);
  const matrix = tfReshape(tfTranspose(pointers), [1, x.shape[axis], indices.size]);
  return tfReshape(matMul(matrix, rows), x.shape);
}
