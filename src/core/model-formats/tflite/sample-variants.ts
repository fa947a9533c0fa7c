/** Which ops {@link sampleGraphs} builds, with which attributes. */
import { BATCH, type Shape } from '../../graph/graph';
import type { FusedActivation, OpAttrs, OpKind } from '../../graph/ops/attrs';

type Constants = readonly Shape[];

export interface Variant<K extends OpKind> {
  readonly kind: K;
  readonly attrs: OpAttrs[K];
  readonly input: Shape;
  /** Shapes of constant inputs after the first; the last of a weighted op is its bias. */
  readonly constants?: Constants;
  readonly activation?: FusedActivation;
  /** The int8 kernel wants this output scale and zero point, or those of the input. */
  readonly output?: readonly [number, number] | 'same' | 'positions';
  readonly floatOnly?: boolean;
  /** The constant shares the parameters of the input. */
  readonly alike?: boolean;
  /** An int32 constant as second input. */
  readonly indices?: readonly number[];
  /** The same, tuple by tuple. */
  readonly tuples?: readonly (readonly number[])[];
  readonly filterAxis?: number;
}

const IMAGE: Shape = [BATCH, 6, 6, 4];
const variant = <K extends OpKind>(row: Variant<K>): Variant<OpKind> => row;

export const VARIANTS: readonly Variant<OpKind>[] = [
  variant({
    kind: 'conv2d',
    attrs: { strides: [2, 1], padding: 'same', dilations: [1, 1], groups: 1 },
    input: IMAGE,
    constants: [[3, 3, 2, 4], [3]],
    activation: 'relu6',
    filterAxis: 0,
  }),
  variant({
    kind: 'conv2d',
    attrs: { strides: [1, 1], padding: 'valid', dilations: [2, 1], groups: 1 },
    input: IMAGE,
    constants: [[3, 2, 2, 4]],
    filterAxis: 0,
  }),
  variant({
    kind: 'conv2d',
    attrs: { strides: [1, 1], padding: 'same', dilations: [1, 1], groups: 2 },
    input: IMAGE,
    constants: [[6, 3, 3, 2], [6]],
    filterAxis: 0,
  }),
  variant({
    kind: 'depthwiseConv2d',
    attrs: { strides: [1, 1], padding: 'same', dilations: [2, 2], multiplier: 2 },
    input: IMAGE,
    constants: [[1, 3, 3, 8], [8]],
    activation: 'relu',
    filterAxis: 3,
  }),
  variant({
    kind: 'transposeConv2d',
    attrs: { strides: [2, 2], padding: 'same', outputSize: [12, 12] },
    input: IMAGE,
    constants: [[3, 3, 3, 4]],
    filterAxis: 0,
  }),
  variant({
    kind: 'fullyConnected',
    attrs: { keepDims: false },
    input: [BATCH, 8],
    constants: [[5, 8], [5]],
    activation: 'reluN1To1',
    filterAxis: 0,
  }),
  variant({
    kind: 'fullyConnected',
    attrs: { keepDims: true },
    input: [BATCH, 3, 8],
    constants: [[5, 8]],
    filterAxis: 0,
  }),
  variant({ kind: 'add', attrs: {}, input: IMAGE, constants: [[4]], activation: 'relu' }),
  variant({ kind: 'sub', attrs: {}, input: IMAGE, constants: [[1, 6, 6, 4]] }),
  variant({ kind: 'mul', attrs: {}, input: IMAGE, constants: [[1, 1, 1, 4]] }),
  variant({ kind: 'concat', attrs: { axis: 3 }, input: IMAGE, output: 'same' }),
  variant({
    kind: 'averagePool2d',
    attrs: { filter: [3, 2], strides: [2, 2], padding: 'same' },
    input: IMAGE,
    output: 'same',
  }),
  variant({
    kind: 'maxPool2d',
    attrs: { filter: [2, 3], strides: [1, 2], padding: 'valid' },
    input: IMAGE,
    output: 'same',
  }),
  variant({ kind: 'mean', attrs: { axes: [1, 2], keepDims: false }, input: IMAGE }),
  variant({ kind: 'reduceMax', attrs: { axes: [1, 2], keepDims: true }, input: IMAGE, output: 'same' }),
  variant({ kind: 'reshape', attrs: { shape: [BATCH, 12, 12] }, input: IMAGE, output: 'same' }),
  variant({
    kind: 'pad',
    attrs: {
      paddings: [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ],
      value: 0,
    },
    input: IMAGE,
    output: 'same',
  }),
  variant({
    kind: 'pad',
    attrs: {
      paddings: [
        [0, 0],
        [1, 0],
        [0, 0],
        [0, 0],
      ],
      value: -0.5,
    },
    input: IMAGE,
    output: 'same',
  }),
  variant({ kind: 'softmax', attrs: { beta: 1 }, input: [BATCH, 10], output: [1 / 256, -128] }),
  variant({ kind: 'sigmoid', attrs: {}, input: IMAGE, output: [1 / 256, -128] }),
  variant({ kind: 'tanh', attrs: {}, input: IMAGE, output: [1 / 128, 0] }),
  variant({ kind: 'relu', attrs: {}, input: IMAGE }),
  variant({ kind: 'relu6', attrs: {}, input: IMAGE }),
  variant({ kind: 'leakyRelu', attrs: { alpha: 0.25 }, input: IMAGE }),
  variant({ kind: 'prelu', attrs: {}, input: IMAGE, constants: [[1, 1, 4]] }),
  variant({ kind: 'hardSwish', attrs: {}, input: IMAGE }),
  variant({ kind: 'elu', attrs: {}, input: IMAGE, floatOnly: true }),
  variant({
    kind: 'resizeBilinear',
    attrs: { size: [9, 8], alignCorners: false, halfPixelCenters: true },
    input: IMAGE,
    output: 'same',
  }),
  variant({
    kind: 'resizeNearest',
    attrs: { size: [12, 12], alignCorners: true, halfPixelCenters: false },
    input: IMAGE,
    output: 'same',
  }),
  variant({ kind: 'transpose', attrs: { permutation: [0, 3, 1, 2] }, input: IMAGE, output: 'same' }),
  variant({ kind: 'slice', attrs: { begin: [0, 1, 2, 0], size: [-1, 3, -1, 4] }, input: IMAGE, output: 'same' }),
  variant({
    kind: 'stridedSlice',
    attrs: { begin: [0, 1, 2, 0], end: [BATCH, 6, 3, 4], strides: [1, 2, 1, 1], shrinkAxes: [2] },
    input: IMAGE,
    output: 'same',
  }),
  variant({
    kind: 'stridedSlice',
    attrs: { begin: [0, 5, 0, 0], end: [BATCH, -1, 6, 4], strides: [1, -2, 1, 1], shrinkAxes: [] },
    input: IMAGE,
    output: 'same',
  }),
  variant({ kind: 'split', attrs: { axis: 3, sizes: [2, 2] }, input: IMAGE, output: 'same' }),
  variant({ kind: 'split', attrs: { axis: 2, sizes: [1, 2, 3] }, input: IMAGE, output: 'same' }),
  variant({ kind: 'spaceToDepth', attrs: { blockSize: 2 }, input: IMAGE, output: 'same' }),
  variant({ kind: 'depthToSpace', attrs: { blockSize: 2 }, input: IMAGE, output: 'same' }),
  variant({ kind: 'maximum', attrs: {}, input: IMAGE, constants: [[4]], output: 'same', alike: true }),
  variant({ kind: 'minimum', attrs: {}, input: IMAGE, constants: [[1, 6, 6, 4]], output: 'same', alike: true }),
  variant({ kind: 'squaredDifference', attrs: {}, input: IMAGE, constants: [[4]] }),
  variant({
    kind: 'batchMatMul',
    attrs: { transposeX: false, transposeY: true },
    input: IMAGE,
    constants: [[6, 5, 4]],
  }),
  variant({ kind: 'sum', attrs: { axes: [1], keepDims: true }, input: IMAGE }),
  variant({ kind: 'reduceMin', attrs: { axes: [2, 3], keepDims: false }, input: IMAGE, output: 'same' }),
  variant({ kind: 'reluN1To1', attrs: {}, input: IMAGE }),
  variant({ kind: 'gelu', attrs: { approximate: true }, input: IMAGE }),
  variant({ kind: 'gelu', attrs: { approximate: false }, input: IMAGE }),
  variant({ kind: 'exp', attrs: {}, input: IMAGE }),
  variant({ kind: 'abs', attrs: {}, input: IMAGE }),
  variant({ kind: 'logSoftmax', attrs: {}, input: [BATCH, 10], output: [16 / 256, 127] }),
  variant({ kind: 'l2Normalization', attrs: {}, input: IMAGE, output: [1 / 128, 0] }),
  variant({ kind: 'tile', attrs: { repeats: [1, 2, 1, 3] }, input: IMAGE, output: 'same' }),
  variant({ kind: 'pack', attrs: { axis: 2 }, input: [BATCH, 6, 4], output: 'same' }),
  variant({ kind: 'unpack', attrs: { axis: 1 }, input: [BATCH, 3, 4], output: 'same' }),
  variant({
    kind: 'mirrorPad',
    attrs: {
      paddings: [
        [0, 0],
        [1, 2],
        [0, 3],
        [0, 0],
      ],
      mode: 'reflect',
    },
    input: IMAGE,
    output: 'same',
  }),
  variant({ kind: 'gather', attrs: { axis: 2 }, input: IMAGE, indices: [3, 0, 5], output: 'same' }),
  variant({ kind: 'broadcastTo', attrs: { shape: [BATCH, 6, 6, 4] }, input: [BATCH, 1, 6, 1], output: 'same' }),
  variant({ kind: 'reverse', attrs: { axes: [1, 3] }, input: IMAGE, output: 'same' }),
  variant({
    kind: 'gatherNd',
    attrs: {},
    input: [3, 4],
    tuples: [
      [2, 1],
      [0, 3],
    ],
    output: 'same',
  }),
  variant({ kind: 'topK', attrs: { k: 2 }, input: [BATCH, 6], output: 'same' }),
  variant({ kind: 'argMax', attrs: { axis: 3, to: 'int32' }, input: IMAGE, output: 'positions' }),
  variant({ kind: 'argMin', attrs: { axis: 1, to: 'int64' }, input: IMAGE, output: 'positions' }),
  variant({ kind: 'reduceProd', attrs: { axes: [3], keepDims: false }, input: IMAGE, floatOnly: true }),
  variant({ kind: 'relu0To1', attrs: {}, input: IMAGE }),
  variant({
    kind: 'spaceToBatch',
    attrs: {
      block: [2, 3],
      paddings: [
        [1, 1],
        [0, 0],
      ],
    },
    input: [1, 6, 6, 4],
    output: 'same',
  }),
  variant({
    kind: 'batchToSpace',
    attrs: {
      block: [2, 2],
      crops: [
        [0, 1],
        [1, 0],
      ],
    },
    input: [4, 3, 3, 2],
    output: 'same',
  }),
  variant({ kind: 'cumsum', attrs: { axis: 1, exclusive: true, reverse: true }, input: IMAGE, floatOnly: true }),
  ...(['floor', 'ceil', 'round', 'sign', 'sin', 'cos'] as const).map((kind) =>
    variant({ kind, attrs: {}, input: IMAGE, floatOnly: true }),
  ),
  ...(['floorDiv', 'floorMod'] as const).map((kind) =>
    variant({ kind, attrs: {}, input: IMAGE, constants: [[4]], floatOnly: true }),
  ),
  ...(['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual'] as const).map((kind) =>
    variant({ kind, attrs: {}, input: IMAGE, constants: [[4]], floatOnly: true }),
  ),
  variant({ kind: 'div', attrs: {}, input: IMAGE, constants: [[4]], activation: 'relu', floatOnly: true }),
  variant({ kind: 'pow', attrs: {}, input: IMAGE, constants: [[]], floatOnly: true }),
  variant({ kind: 'log', attrs: {}, input: IMAGE, floatOnly: true }),
  variant({ kind: 'sqrt', attrs: {}, input: IMAGE, floatOnly: true }),
  variant({ kind: 'rsqrt', attrs: {}, input: IMAGE, floatOnly: true }),
  variant({ kind: 'square', attrs: {}, input: IMAGE, floatOnly: true }),
  variant({ kind: 'neg', attrs: {}, input: IMAGE, floatOnly: true }),
  variant({ kind: 'cast', attrs: { to: 'int32' }, input: IMAGE, floatOnly: true }),
];
