import { BATCH, type TensorId } from '../../../graph/graph';
import type { LayerCall, LayerTable } from './layer';

/** Keras aligns inputs of unequal rank by inserting axes of length 1 behind the batch. */
function aligned(layer: LayerCall): readonly TensorId[] {
  const ranks = layer.inputs.map((x) => layer.shape(x).length);
  const rank = Math.max(...ranks);
  return layer.inputs.map((x, i) => {
    if (ranks[i] === rank) return x;
    const [, ...dims] = layer.shape(x);
    return layer.op('reshape', [x], { shape: [BATCH, ...Array<number>(rank - ranks[i]).fill(1), ...dims] });
  });
}

type Combine = (layer: LayerCall, a: TensorId, b: TensorId) => TensorId;

function merge(combine: Combine, finish: (layer: LayerCall, merged: TensorId) => TensorId = (_, merged) => merged) {
  return {
    translate: (layer: LayerCall): TensorId => {
      const inputs = aligned(layer);
      if (inputs.length < 2) layer.refuse(`${layer.className} of a single tensor`);
      return finish(
        layer,
        inputs.reduce((a, b) => combine(layer, a, b)),
      );
    },
  };
}

const add: Combine = (layer, a, b) => layer.op('add', [a, b], {});
const sub: Combine = (layer, a, b) => layer.op('sub', [a, b], {});
const mul: Combine = (layer, a, b) => layer.op('mul', [a, b], {});

function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function normalized(layer: LayerCall, x: TensorId, axis: number): TensorId {
  if (axis !== layer.shape(x).length - 1) layer.refuse('normalization over other than the last axis');
  return layer.op('l2Normalization', [x], {});
}

function asMatrix(layer: LayerCall, x: TensorId): TensorId {
  const shape = layer.shape(x);
  return shape.length === 2 ? layer.op('reshape', [x], { shape: [BATCH, 1, shape[1]] }) : x;
}

export const MERGING_LAYERS: LayerTable = {
  Add: merge(add),
  Subtract: merge(sub),
  Multiply: merge(mul),
  Average: merge(add, (layer, sum) => mul(layer, sum, layer.constant([1 / layer.inputs.length]))),
  Maximum: merge((layer, a, b) => layer.op('maximum', [a, b], {})),
  Minimum: merge((layer, a, b) => layer.op('minimum', [a, b], {})),
  Dot: {
    translate: (layer) => {
      const [a, b] = layer.inputs as [TensorId, TensorId];
      const axes = layer.settings.ints('axes');
      const ranks = [a, b].map((x) => layer.shape(x).length);
      const [axisA, axisB] = [0, 1].map((i) => positive(axes[axes.length === 1 ? 0 : i], ranks[i])) as [number, number];
      if (layer.inputs.length !== 2 || ranks.some((rank) => rank < 2 || rank > 3))
        layer.refuse(`Dot of tensors of ${ranks.join(' and ')} dimensions`);
      const [x, y] = layer.settings.flag('normalize', false)
        ? [normalized(layer, a, axisA), normalized(layer, b, axisB)]
        : [a, b];
      if (ranks[0] === 2 && ranks[1] === 2) return layer.op('sum', [mul(layer, x, y)], { axes: [1], keepDims: true });
      // A vector is a matrix of one row; its row is dropped from the result.
      const [left, right] = [asMatrix(layer, x), asMatrix(layer, y)];
      const product = layer.op('batchMatMul', [left, right], {
        transposeX: ranks[0] === 3 && axisA === 1,
        transposeY: ranks[1] === 2 || axisB === 2,
      });
      const [, rows, columns] = layer.shape(product) as [number, number, number];
      if (ranks[0] === 3 && ranks[1] === 3) return product;
      return layer.op('reshape', [product], { shape: [BATCH, rows * columns] });
    },
  },
  Concatenate: {
    translate: (layer) => {
      const rank = layer.shape(layer.inputs[0]).length;
      const axis = layer.settings.int('axis', -1);
      return layer.op('concat', layer.inputs, { axis: axis < 0 ? axis + rank : axis });
    },
  },
};
