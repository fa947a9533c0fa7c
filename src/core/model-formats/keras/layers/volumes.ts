/** Layers over volumes, [N,D,H,W,C]: convolutions, pools, and what gives them other sizes. */
import type { TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import {
  convolveVolume,
  MOST_DEPTH_STEPS,
  poolVolume,
  volumeWindow,
  type Triple,
  type VolumeWindow,
} from '../../../graph/volumes';
import { swapOuter } from '../layout';
import type { Settings } from '../settings';
import { activate } from './activations';
import { paddingOf } from './convolution';
import type { LayerCall, LayerTable, LayerTranslator } from './layer';
import { sinkOf } from './sink';

function triple(settings: Settings, key: string, fallback?: Triple): Triple {
  if (!settings.has(key) && fallback) return fallback;
  const [depth, height = depth, width = depth, ...rest] = settings.ints(key);
  if (depth === undefined || rest.length > 0) throw settings.bad(key, 'one or three whole numbers');
  return [depth, height, width];
}

function windowOf(layer: LayerCall, kernel: Triple, strides: Triple, dilations: Triple): VolumeWindow {
  const [, ...size] = layer.shape(layer.input);
  const window = volumeWindow([size[0], size[1], size[2]], kernel, strides, dilations, paddingOf(layer.settings));
  if (window.output[0] > MOST_DEPTH_STEPS)
    layer.refuse(`a result of ${window.output[0]} steps of depth; up to ${MOST_DEPTH_STEPS} are modelled`);
  return window;
}

const hasBias = (s: Settings) => s.flag('use_bias', true);

function convolution(layer: LayerCall): TensorId {
  const { settings } = layer;
  const kernel = triple(settings, 'kernel_size');
  const window = windowOf(
    layer,
    kernel,
    triple(settings, 'strides', [1, 1, 1]),
    triple(settings, 'dilation_rate', [1, 1, 1]),
  );
  const groups = settings.has('groups') ? settings.int('groups') : 1;
  const outputs = settings.int('filters');
  const inputs = layer.shape(layer.input).at(-1)! / groups;
  const stored = layer.values('kernel', [...kernel, inputs, outputs]);
  const values = swapOuter(stored, stored.length / outputs, outputs);
  const bias = hasBias(settings) ? layer.values('bias', [outputs]) : null;
  const y = convolveVolume(sinkOf(layer), layer.input, { values, outputs, bias, groups }, window);
  return activate(layer, y);
}

function pool(kind: 'max' | 'average'): LayerTranslator {
  return {
    translate: (layer) => {
      const size = triple(layer.settings, 'pool_size', [2, 2, 2]);
      const window = windowOf(layer, size, triple(layer.settings, 'strides', size), [1, 1, 1]);
      const y = poolVolume(sinkOf(layer), layer.input, kind, window);
      return y ?? layer.refuse('windows that lie as those of TensorFlow Lite cannot');
    },
  };
}

function zeroPadding(layer: LayerCall): TensorId {
  const given = layer.settings.raw('padding') as number | readonly (number | readonly [number, number])[];
  const sides = typeof given === 'number' ? [given, given, given] : given;
  const pairs = sides.map((side): Pair => (typeof side === 'number' ? [side, side] : side));
  return layer.op('pad', [layer.input], { paddings: [[0, 0], ...pairs, [0, 0]], value: 0 });
}

function global(kind: 'mean' | 'reduceMax'): LayerTranslator {
  return {
    translate: (layer) =>
      layer.op(kind, [layer.input], { axes: [1, 2, 3], keepDims: layer.settings.flag('keepdims', false) }),
  };
}

export const VOLUME_LAYERS: LayerTable = {
  Conv3D: { weights: (s) => (hasBias(s) ? ['kernel', 'bias'] : ['kernel']), translate: convolution },
  MaxPooling3D: pool('max'),
  AveragePooling3D: pool('average'),
  ZeroPadding3D: { translate: zeroPadding },
  GlobalAveragePooling3D: global('mean'),
  GlobalMaxPooling3D: global('reduceMax'),
};
