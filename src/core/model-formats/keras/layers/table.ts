import { lookup } from '../../../../base/lookup';
import { ACTIVATION_LAYERS } from './activations';
import { ATTENTION_LAYERS } from './attention';
import { CONVOLUTION_LAYERS } from './convolution';
import { CORE_LAYERS } from './core';
import type { LayerTable, LayerTranslator } from './layer';
import { MERGING_LAYERS } from './merging';
import { NORMALIZATION_LAYERS } from './normalization';
import { OPERATION_LAYERS } from './operations';
import { POOLING_LAYERS } from './pooling';
import { quantizationAwareLayers } from './quantization-aware';
import { RECURRENT_LAYERS } from './recurrent';
import { SHAPING_LAYERS } from './shaping';
import { VOLUME_LAYERS } from './volumes';
import { wrapperLayers } from './wrappers';

/** Keras class name → how the layer becomes ops. Input layers and nested models are part of the walk, not of this. */
export const LAYERS: LayerTable = {
  ...CORE_LAYERS,
  ...CONVOLUTION_LAYERS,
  ...ACTIVATION_LAYERS,
  ...MERGING_LAYERS,
  ...POOLING_LAYERS,
  ...SHAPING_LAYERS,
  ...VOLUME_LAYERS,
  ...NORMALIZATION_LAYERS,
  ...RECURRENT_LAYERS,
  ...ATTENTION_LAYERS,
  ...wrapperLayers(translatorFor),
  ...quantizationAwareLayers(translatorFor),
  ...OPERATION_LAYERS,
};

/** The row of a class; undefined for names that files make up. */
export function translatorFor(className: string): LayerTranslator | undefined {
  return lookup(LAYERS, className);
}
