import type { TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import { paddingOf } from './convolution';
import type { LayerCall, LayerTable, LayerTranslator } from './layer';
import { line, unline } from './lines';

type PoolKind = 'maxPool2d' | 'averagePool2d';

function pool2d(kind: PoolKind): LayerTranslator {
  return {
    translate: (layer) => {
      const filter = layer.settings.pair('pool_size', [2, 2]);
      const strides = layer.settings.pair('strides', filter);
      return layer.op(kind, [layer.input], { filter, strides, padding: paddingOf(layer.settings) });
    },
  };
}

function pool1d(kind: PoolKind): LayerTranslator {
  return {
    translate: (layer) => {
      const size = layer.settings.single('pool_size', 2);
      const filter: Pair = [1, size];
      const strides: Pair = [1, layer.settings.single('strides', size)];
      const row = line(layer, layer.input);
      return unline(layer, layer.op(kind, [row], { filter, strides, padding: paddingOf(layer.settings) }));
    },
  };
}

function global(kind: 'mean' | 'reduceMax'): LayerTranslator {
  return {
    translate: (layer) => layer.op(kind, [layer.input], { axes: middle(layer, layer.input), keepDims: keep(layer) }),
  };
}

/** All axes between batch and channels. */
function middle(layer: LayerCall, x: TensorId): number[] {
  return layer
    .shape(x)
    .slice(1, -1)
    .map((_, i) => i + 1);
}

function keep(layer: LayerCall): boolean {
  return layer.settings.flag('keepdims', false);
}

export const POOLING_LAYERS: LayerTable = {
  MaxPooling2D: pool2d('maxPool2d'),
  AveragePooling2D: pool2d('averagePool2d'),
  MaxPooling1D: pool1d('maxPool2d'),
  AveragePooling1D: pool1d('averagePool2d'),
  GlobalAveragePooling2D: global('mean'),
  GlobalAveragePooling1D: global('mean'),
  GlobalMaxPooling2D: global('reduceMax'),
  GlobalMaxPooling1D: global('reduceMax'),
};
