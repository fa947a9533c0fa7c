import { ACTIVATION_LAYERS } from './activations';
import { CONVOLUTION_LAYERS } from './convolution';
import { CORE_LAYERS } from './core';
import type { LayerTable } from './layer';
import { MERGING_LAYERS } from './merging';
import { POOLING_LAYERS } from './pooling';
import { SHAPING_LAYERS } from './shaping';

/** Keras class name → how the layer becomes ops. Input layers and nested models are part of the walk, not of this. */
export const LAYERS: LayerTable = {
  ...CORE_LAYERS,
  ...CONVOLUTION_LAYERS,
  ...ACTIVATION_LAYERS,
  ...MERGING_LAYERS,
  ...POOLING_LAYERS,
  ...SHAPING_LAYERS,
};
