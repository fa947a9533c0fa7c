/** Ops that move values and compute nothing. */
import {
  batchToSpaceND,
  broadcastTo as tfBroadcastTo,
  cast,
  clone,
  concat as tfConcat,
  depthToSpace as tfDepthToSpace,
  gather as tfGather,
  gatherND,
  image,
  mirrorPad as tfMirrorPad,
  pad as tfPad,
  reshape as tfReshape,
  reverse as tfReverse,
  slice as tfSlice,
  spaceToBatchND,
  split as tfSplit,
  stack,
  stridedSlice as tfStridedSlice,
  tile as tfTile,
  transpose as tfTranspose,
  unstack,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { withBatch } from '../../../core/graph/graph';
import type { Pair } from '../../../core/graph/ops/attrs';
import { present, unary, type Kernel } from './kernel';

export const identity = unary<'identity'>((x) => clone(x));

export const reshape = unary<'reshape'>((x, _op, { outputShapes: [shape] }) => {
  // A symbolic batch is the one dimension that is left to be inferred.
  return tfReshape(x, [...shape]);
});

export const concat: Kernel<'concat'> = {
  run: (inputs, { attrs }) =>
    tfConcat(
      inputs.map((_, i) => present(inputs, i)),
      attrs.axis,
    ),
};

export const split: Kernel<'split'> = {
  run: (inputs, { attrs }) => tfSplit(present(inputs, 0), [...attrs.sizes], attrs.axis),
};

export const pad = unary<'pad'>((x, { attrs }) =>
  tfPad(
    x,
    attrs.paddings.map(([before, after]): [number, number] => [before, after]),
    attrs.value,
  ),
);

export const mirrorPad = unary<'mirrorPad'>((x, { attrs }) =>
  tfMirrorPad(
    x,
    attrs.paddings.map(([before, after]): [number, number] => [before, after]),
    attrs.mode,
  ),
);

export const pack: Kernel<'pack'> = {
  run: (inputs, { attrs }) =>
    stack(
      inputs.map((_, i) => present(inputs, i)),
      attrs.axis,
    ),
};

export const unpack: Kernel<'unpack'> = { run: (inputs, { attrs }) => unstack(present(inputs, 0), attrs.axis) };

export const gather: Kernel<'gather'> = {
  arrange: { 1: (indices) => cast(indices, 'int32') },
  run: (inputs, { attrs }) => tfGather(present(inputs, 0), present(inputs, 1), attrs.axis),
};

export const gatherNd: Kernel<'gatherNd'> = {
  arrange: { 1: (indices) => cast(indices, 'int32') },
  run: (inputs) => gatherND(present(inputs, 0), present(inputs, 1)),
};

export const broadcastTo = unary<'broadcastTo'>((x, { attrs: { shape } }) =>
  tfBroadcastTo(x, withBatch(shape, x.shape[0] ?? 1)),
);

export const reverse = unary<'reverse'>((x, { attrs }) => tfReverse(x, [...attrs.axes]));

export const tile = unary<'tile'>((x, { attrs }) => tfTile(x, [...attrs.repeats]));

export const transpose = unary<'transpose'>((x, { attrs }) => tfTranspose(x, [...attrs.permutation]));

export const slice = unary<'slice'>((x, { attrs }) => tfSlice(x, [...attrs.begin], [...attrs.size]));

export const stridedSlice = unary<'stridedSlice'>((x, { attrs }, { outputShapes: [shape] }) => {
  const { begin, end, strides } = attrs;
  const bits = (axes: readonly number[]) => axes.reduce((mask, axis) => mask | (1 << axis), 0);
  // End −1 is the whole of a symbolic batch, or for a descending slice the start of the axis; to tfjs it would be the
  // last index. It drops the wrong axes when told to shrink some beside a stride, so that is left to a reshape.
  const toTheEnd = end.flatMap((n, axis) => (n < 0 ? [axis] : []));
  return tfReshape(tfStridedSlice(x, [...begin], [...end], [...strides], 0, bits(toTheEnd)), [...shape]);
});

export const spaceToDepth = unary<'spaceToDepth'>((x, { attrs: { blockSize: b } }) => {
  const [batch, height, width, channels] = x.shape;
  const blocks = tfReshape(x, [batch, height / b, b, width / b, b, channels]);
  return tfReshape(tfTranspose(blocks, [0, 1, 3, 2, 4, 5]), [batch, height / b, width / b, b * b * channels]);
});

const pairs = (edges: readonly Pair[]) => edges.map(([before, after]) => [before, after]);

export const spaceToBatch = unary<'spaceToBatch'>((x, { attrs }) =>
  spaceToBatchND(x, [...attrs.block], pairs(attrs.paddings)),
);

export const batchToSpace = unary<'batchToSpace'>((x, { attrs }) =>
  batchToSpaceND(x, [...attrs.block], pairs(attrs.crops)),
);

export const depthToSpace = unary<'depthToSpace'>((x, { attrs }) =>
  tfDepthToSpace(x as Tensor4D, attrs.blockSize, 'NHWC'),
);

export const resizeBilinear = unary<'resizeBilinear'>((x, { attrs }) =>
  image.resizeBilinear(x as Tensor4D, [...attrs.size], attrs.alignCorners, attrs.halfPixelCenters),
);

export const resizeNearest = unary<'resizeNearest'>((x, { attrs }) =>
  image.resizeNearestNeighbor(x as Tensor4D, [...attrs.size], attrs.alignCorners, attrs.halfPixelCenters),
);

/**
 * Here every tensor holds real numbers; those that are integers in the file are fake-quantized by the model, so that
 * these two have nothing left to do.
 */
export const quantize = unary<'quantize'>((x) => clone(x));
export const dequantize = unary<'dequantize'>((x) => clone(x));
