/** Normalizations over the values of one sample, composed of means and products. */
import { BATCH, type TensorId } from '../../../graph/graph';
import type { LayerCall, LayerTable } from './layer';
import type { Settings } from '../settings';

function scaleAndCenter(s: Settings): string[] {
  return [...(s.flag('scale', true) ? ['gamma'] : []), ...(s.flag('center', true) ? ['beta'] : [])];
}

/** (x − mean) / √(variance + ε) over the axes; without centring, x / √(mean of squares + ε). */
function standardized(layer: LayerCall, x: TensorId, axes: readonly number[], centred = true): TensorId {
  const reduce = { axes, keepDims: true };
  const mean = centred ? layer.op('mean', [x], reduce) : null;
  const squares = mean === null ? layer.op('square', [x], {}) : layer.op('squaredDifference', [x, mean], {});
  const variance = layer.op('mean', [squares], reduce);
  const epsilon = layer.constant([layer.settings.number('epsilon', 1e-3)]);
  const inverse = layer.op('rsqrt', [layer.op('add', [variance, epsilon], {})], {});
  return layer.op('mul', [mean === null ? x : layer.op('sub', [x, mean], {}), inverse], {});
}

function affine(layer: LayerCall, x: TensorId, shape: readonly number[]): TensorId {
  const { settings } = layer;
  const scaled = settings.flag('scale', true) ? layer.op('mul', [x, layer.weight('gamma', shape)], {}) : x;
  return settings.flag('center', true) ? layer.op('add', [scaled, layer.weight('beta', shape)], {}) : scaled;
}

function axesOf(layer: LayerCall, rank: number): number[] {
  const axes = layer.settings.has('axis') ? layer.settings.ints('axis') : [-1];
  return axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
}

export const NORMALIZATION_LAYERS: LayerTable = {
  LayerNormalization: {
    weights: (s) => (s.flag('rms_scaling', false) ? ['gamma'] : scaleAndCenter(s)),
    translate: (layer) => {
      const shape = layer.shape(layer.input);
      const axes = axesOf(layer, shape.length);
      if (axes.some((axis, i) => axis !== shape.length - axes.length + i))
        layer.refuse(`normalization over axes ${axes.join(', ')}, not the last ones`);
      const sizes = axes.map((axis) => shape[axis]);
      const rootMeanSquare = layer.settings.flag('rms_scaling', false);
      const unit = standardized(layer, layer.input, axes, !rootMeanSquare);
      return rootMeanSquare ? layer.op('mul', [unit, layer.weight('gamma', sizes)], {}) : affine(layer, unit, sizes);
    },
  },
  RMSNormalization: {
    weights: () => ['scale'],
    translate: (layer) => {
      const shape = layer.shape(layer.input);
      const axes = axesOf(layer, shape.length);
      if (axes.length !== 1 || axes[0] !== shape.length - 1)
        layer.refuse('normalization over other than the last axis');
      const unit = standardized(layer, layer.input, axes, false);
      return layer.op('mul', [unit, layer.weight('scale', [shape.at(-1)!])], {});
    },
  },
  /** Of ConvNeXt, among the applications of Keras. */
  LayerScale: {
    weights: () => ['gamma'],
    translate: (layer) => layer.op('mul', [layer.input, layer.weight('gamma', [layer.shape(layer.input).at(-1)!])], {}),
  },
  GroupNormalization: {
    weights: scaleAndCenter,
    translate: (layer) => {
      const [, ...dims] = layer.shape(layer.input);
      const channels = dims.at(-1)!;
      const axes = axesOf(layer, dims.length + 1);
      if (axes.length !== 1 || axes[0] !== dims.length) layer.refuse('normalization over other than the last axis');
      const stated = layer.settings.int('groups', 32);
      const groups = stated === -1 ? channels : stated;
      const pixels = dims.slice(0, -1).reduce((n, d) => n * d, 1);
      const grouped = layer.op('reshape', [layer.input], { shape: [BATCH, pixels, groups, channels / groups] });
      const unit = standardized(layer, grouped, [1, 3]);
      return affine(layer, layer.op('reshape', [unit], { shape: [BATCH, ...dims] }), [channels]);
    },
  },
  UnitNormalization: {
    translate: (layer) => {
      const rank = layer.shape(layer.input).length;
      const axes = axesOf(layer, rank);
      if (axes.length !== 1 || axes[0] !== rank - 1) layer.refuse('normalization over other than the last axis');
      return layer.op('l2Normalization', [layer.input], {});
    },
  },
};
