import { BATCH, elementCount, type TensorId } from '../../../graph/graph';
import type { Pair } from '../../../graph/ops/attrs';
import type { LayerCall, LayerTable } from './layer';
import { line, unline } from './lines';
import type { Settings } from '../settings';

/** [[top, bottom], [left, right]] from Keras' three spellings: n, [vertical, horizontal], or both in full. */
function borders(settings: Settings, key: string): [Pair, Pair] {
  const value = settings.raw(key);
  if (Array.isArray(value) && value.length === 2 && value.every((side) => Array.isArray(side) && side.length === 2)) {
    const sides = value.flat() as unknown[];
    if (!sides.every((n) => Number.isInteger(n) && (n as number) >= 0)) throw settings.bad(key, 'sizes of borders');
    return value as [Pair, Pair];
  }
  const [vertical, horizontal] = settings.pair(key, [1, 1]);
  return [
    [vertical, vertical],
    [horizontal, horizontal],
  ];
}

/** TensorFlow.js scales from corner to corner of pixels, Keras since 2.2.4-tf from centre to centre. */
function resize(layer: LayerCall, size: Pair): TensorId {
  const kind = interpolation(layer.settings) === 'nearest' ? 'resizeNearest' : 'resizeBilinear';
  const halfPixelCenters = layer.dialect.framework === 'keras';
  return layer.op(kind, [layer.input], { size, alignCorners: false, halfPixelCenters });
}

const interpolation = (s: Settings) => s.text('interpolation', 'nearest').toLowerCase();
const interpolationProblems = (s: Settings) =>
  ['nearest', 'bilinear'].includes(interpolation(s)) ? [] : [`${interpolation(s)} interpolation`];

export const SHAPING_LAYERS: LayerTable = {
  Flatten: {
    translate: (layer) => {
      const [, ...dims] = layer.shape(layer.input);
      return layer.op('reshape', [layer.input], { shape: [BATCH, elementCount(dims)] });
    },
  },
  Reshape: {
    translate: (layer) => {
      const target = layer.settings.shape('target_shape');
      const [, ...dims] = layer.shape(layer.input);
      const known = target.reduce((n, d) => (d === -1 ? n : n * d), 1);
      const shape = target.map((d) => (d === -1 ? elementCount(dims) / known : d));
      return layer.op('reshape', [layer.input], { shape: [BATCH, ...shape] });
    },
  },
  RepeatVector: {
    translate: (layer) => {
      const [, length] = layer.shape(layer.input) as [number, number];
      const row = layer.op('reshape', [layer.input], { shape: [BATCH, 1, length] });
      return layer.op('tile', [row], { repeats: [1, layer.settings.int('n'), 1] });
    },
  },
  Permute: {
    translate: (layer) => layer.op('transpose', [layer.input], { permutation: [0, ...layer.settings.ints('dims')] }),
  },
  ZeroPadding2D: {
    translate: (layer) => {
      const paddings: Pair[] = [[0, 0], ...borders(layer.settings, 'padding'), [0, 0]];
      return layer.op('pad', [layer.input], { paddings, value: 0 });
    },
  },
  ZeroPadding1D: {
    translate: (layer) => {
      const paddings: Pair[] = [[0, 0], layer.settings.pair('padding', [1, 1]), [0, 0]];
      return layer.op('pad', [layer.input], { paddings, value: 0 });
    },
  },
  Cropping2D: {
    translate: (layer) => {
      const [[top, bottom], [left, right]] = borders(layer.settings, 'cropping');
      const [, height, width, channels] = layer.shape(layer.input) as [number, number, number, number];
      const size = [BATCH, height - top - bottom, width - left - right, channels];
      return layer.op('slice', [layer.input], { begin: [0, top, left, 0], size });
    },
  },
  Cropping1D: {
    translate: (layer) => {
      const [before, after] = layer.settings.pair('cropping', [1, 1]);
      const [, length, channels] = layer.shape(layer.input) as [number, number, number];
      const size = [BATCH, length - before - after, channels];
      return layer.op('slice', [layer.input], { begin: [0, before, 0], size });
    },
  },
  UpSampling1D: {
    translate: (layer) => {
      const size = layer.settings.single('size', 2);
      const row = line(layer, layer.input);
      const [, , length] = layer.shape(row) as [number, number, number];
      const attrs = { size: [1, length * size] as Pair, alignCorners: false, halfPixelCenters: false };
      return unline(layer, layer.op('resizeNearest', [row], attrs));
    },
  },
  UpSampling2D: {
    problems: interpolationProblems,
    translate: (layer) => {
      const [down, across] = layer.settings.pair('size', [2, 2]);
      const [, height, width] = layer.shape(layer.input) as [number, number, number, number];
      return resize(layer, [height * down, width * across]);
    },
  },
  Resizing: {
    problems: (s) => [
      ...interpolationProblems(s),
      ...['crop_to_aspect_ratio', 'pad_to_aspect_ratio', 'antialias']
        .filter((key) => s.flag(key, false))
        .map((key) => `resizing with ${key}`),
    ],
    translate: (layer) => resize(layer, [layer.settings.int('height'), layer.settings.int('width')]),
  },
};
