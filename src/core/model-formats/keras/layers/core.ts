import { ioToOi } from '../layout';
import { activate } from './activations';
import type { LayerCall, LayerTable, LayerTranslator } from './layer';

/** Layers that do something while training only. */
const identity: LayerTranslator = { translate: (layer) => layer.op('identity', [layer.input], {}) };

function requireLastAxis(layer: LayerCall): number {
  const shape = layer.shape(layer.input);
  const axis = layer.settings.has('axis') ? layer.settings.ints('axis') : [-1];
  if (axis.length !== 1 || (axis[0] !== -1 && axis[0] !== shape.length - 1))
    layer.refuse(`normalization over axis ${axis.join(', ')}, not the last one`);
  return shape.at(-1)!;
}

const batchNormalization: LayerTranslator = {
  weights: (s) => [
    ...(s.flag('scale', true) ? ['gamma'] : []),
    ...(s.flag('center', true) ? ['beta'] : []),
    'moving_mean',
    'moving_variance',
  ],
  translate: (layer) => {
    const { settings } = layer;
    const size = [requireLastAxis(layer)];
    const gamma = settings.flag('scale', true) ? layer.weight('gamma', size) : null;
    const beta = settings.flag('center', true) ? layer.weight('beta', size) : null;
    const inputs = [layer.input, gamma, beta, layer.weight('moving_mean', size), layer.weight('moving_variance', size)];
    return layer.op('batchNorm', inputs, { epsilon: settings.number('epsilon', 1e-3) });
  },
};

/** Keras' floor under the standard deviation of a Normalization layer. */
const SMALLEST_STD = 1e-7;

export const CORE_LAYERS: LayerTable = {
  Dense: {
    weights: (s) => (s.flag('use_bias', true) ? ['kernel', 'bias'] : ['kernel']),
    translate: (layer) => {
      const { settings, input } = layer;
      const shape = layer.shape(input);
      const units = settings.int('units');
      const kernel = layer.weight('kernel', [shape.at(-1)!, units], ioToOi);
      const bias = settings.flag('use_bias', true) ? layer.weight('bias', [units]) : null;
      return activate(layer, layer.op('fullyConnected', [input, kernel, bias], { keepDims: shape.length > 2 }));
    },
  },
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  SyncBatchNormalization: batchNormalization,
  /** Word numbers, whatever type the file declares for them, pick rows of a table. */
  Embedding: {
    weights: () => ['embeddings'],
    problems: (s) => (s.flag('mask_zero', false) ? ['mask_zero (masking of time steps)'] : []),
    translate: (layer) => {
      const table = layer.weight('embeddings', [layer.settings.int('input_dim'), layer.settings.int('output_dim')]);
      const indices = layer.op('cast', [layer.input], { to: 'int32' });
      return layer.op('gather', [table, indices], { axis: 0 });
    },
  },
  Rescaling: {
    translate: (layer) => {
      const scale = layer.settings.numbers('scale');
      const offset = layer.settings.has('offset') ? layer.settings.numbers('offset') : [0];
      const scaled = layer.op('mul', [layer.input, layer.constant(scale)], {});
      return offset.every((o) => o === 0) ? scaled : layer.op('add', [scaled, layer.constant(offset)], {});
    },
  },
  Normalization: {
    weights: (s) => (s.has('mean') ? [] : ['mean', 'variance', 'count']),
    problems: (s) => (s.flag('invert', false) ? ['inverted normalization'] : []),
    translate: (layer) => {
      requireLastAxis(layer);
      const given = layer.settings.has('mean');
      const mean = given ? layer.settings.numbers('mean') : [...layer.values('mean')];
      const variance = given ? layer.settings.numbers('variance') : [...layer.values('variance')];
      const centred = layer.op('sub', [layer.input, layer.constant(mean)], {});
      const scale = variance.map((v) => 1 / Math.max(Math.sqrt(v), SMALLEST_STD));
      return layer.op('mul', [centred, layer.constant(scale)], {});
    },
  },
  Dropout: identity,
  SpatialDropout1D: identity,
  SpatialDropout2D: identity,
  AlphaDropout: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,
  ActivityRegularization: identity,
  Identity: identity,
  /** Of ConvNeXt, among the applications of Keras. */
  StochasticDepth: identity,
  SpatialDropout3D: identity,
  // Augmentation, which is for training only.
  RandomFlip: identity,
  RandomRotation: identity,
  RandomTranslation: identity,
  RandomZoom: identity,
  RandomShear: identity,
  RandomContrast: identity,
  RandomBrightness: identity,
  RandomHue: identity,
  RandomSaturation: identity,
  RandomGrayscale: identity,
  RandomSharpness: identity,
  RandomColorJitter: identity,
  RandomColorDegeneration: identity,
  RandomGaussianBlur: identity,
  RandomPosterization: identity,
  RandomInvert: identity,
  RandomPerspective: identity,
  RandomElasticTransform: identity,
  RandomErasing: identity,
  CutMix: identity,
  MixUp: identity,
  RandAugment: identity,
  AugMix: identity,
};
