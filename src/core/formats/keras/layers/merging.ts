import { BATCH, type TensorId } from '../../../graph/graph';
import type { LayerCall, LayerTable } from './layer';

/** Keras aligns inputs of unequal rank by inserting axes of length 1 behind the batch. */
function aligned(layer: LayerCall): readonly TensorId[] {
  const ranks = layer.inputs.map((x) => layer.shape(x).length);
  const rank = Math.max(...ranks);
  return layer.inputs.map((x, i) => {
    if (ranks[i] === rank) return x;
    const [, ...dims] = layer.shape(x);
    return layer.op('reshape', [x], { shape: [BATCH, ...Array<number>(rank - ranks[i]!).fill(1), ...dims] });
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
const excess: Combine = (layer, a, b) => layer.op('relu', [sub(layer, a, b)], {});

export const MERGING_LAYERS: LayerTable = {
  Add: merge(add),
  Subtract: merge(sub),
  Multiply: merge(mul),
  Average: merge(add, (layer, sum) => mul(layer, sum, layer.constant([1 / layer.inputs.length]))),
  // max(a, b) = b + relu(a − b) and min(a, b) = a − relu(a − b)
  Maximum: merge((layer, a, b) => add(layer, b, excess(layer, a, b))),
  Minimum: merge((layer, a, b) => sub(layer, a, excess(layer, a, b))),
  Concatenate: {
    translate: (layer) => {
      const rank = layer.shape(layer.inputs[0]!).length;
      const axis = layer.settings.int('axis', -1);
      return layer.op('concat', layer.inputs, { axis: axis < 0 ? axis + rank : axis });
    },
  },
};
