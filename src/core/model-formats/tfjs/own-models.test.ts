/** Models made here by TensorFlow.js, saved by it, read by us: it is the oracle for what the fixtures do not cover. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  model as functional,
  sequential,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { expectClose, outputsOf } from '../../../testing/fixtures/keras-goldens';
import type { SourceFile } from '../../data/types';
import { toErrorInfo } from '../../../base/errors';
import { elementCount } from '../../graph/graph';
import { readTfjsLayers } from './read-layers';

/** As `model.save()` writes it. */
async function saved(model: LayersModel): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      const { weightSpecs, weightData, ...rest } = artifacts;
      const json = { ...rest, weightsManifest: [{ paths: ['./model.weights.bin'], weights: weightSpecs }] };
      files.push(
        { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) },
        { path: 'model.weights.bin', bytes: new Uint8Array(weightData as ArrayBuffer) },
      );
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  return files;
}

/** Replaces the initial weights, of which many are zero or one, by seeded noise; variances stay positive. */
function scramble(model: LayersModel): void {
  const fresh = model.weights.map((w, i) =>
    tf.randomUniform(w.shape as number[], w.name.includes('variance') ? 0.2 : -0.9, 1.1, 'float32', i + 1),
  );
  model.setWeights(fresh);
  tf.dispose(fresh);
}

const image = [6, 5, 4];
const chain = (...parts: tf.serialization.Serializable[]) => {
  const net = sequential();
  for (const part of parts) net.add(part as Parameters<typeof net.add>[0]);
  return net;
};

const MODELS: Readonly<Record<string, () => LayersModel>> = {
  'batch norm without scale, then without centre': () =>
    chain(
      layers.batchNormalization({ inputShape: image, scale: false, epsilon: 0.01 }),
      layers.batchNormalization({ center: false }),
    ),
  'hard sigmoid of Keras 2': () => chain(layers.activation({ activation: 'hardSigmoid', inputShape: [9] })),
  'leaky relu with its default, elu, softmax layers': () =>
    chain(layers.leakyReLU({ inputShape: image }), layers.elu(), layers.softmax({ axis: -1 })),
  'relu with a maximum of 0.5': () => chain(layers.reLU({ inputShape: image, maxValue: 0.5 })),
  'prelu with shared and with unshared axes': () =>
    chain(layers.prelu({ inputShape: image, sharedAxes: [1, 2] }), layers.prelu()),
  'separable convolution with multiplier and stride': () =>
    chain(
      layers.separableConv2d({
        inputShape: image,
        filters: 3,
        kernelSize: [3, 2],
        strides: 2,
        depthMultiplier: 2,
        padding: 'same',
        activation: 'tanh',
      }),
    ),
  'transposed convolution, valid, kernel larger than stride': () =>
    chain(
      layers.conv2dTranspose({ inputShape: image, filters: 3, kernelSize: [4, 3], strides: [2, 3], padding: 'valid' }),
    ),
  'transposed convolution, same': () =>
    chain(
      layers.conv2dTranspose({
        inputShape: image,
        filters: 3,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        useBias: false,
      }),
    ),
  'one-dimensional convolution and pooling': () =>
    chain(
      layers.conv1d({
        inputShape: [12, 3],
        filters: 5,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'relu',
      }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.averagePooling1d({ poolSize: 2, strides: 1 }),
      layers.globalMaxPooling1d(),
    ),
  'unequal borders, cropping, bilinear upsampling': () =>
    chain(
      layers.zeroPadding2d({
        inputShape: image,
        padding: [
          [1, 0],
          [2, 3],
        ],
      }),
      layers.cropping2D({
        cropping: [
          [0, 2],
          [1, 1],
        ],
      }),
      layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }),
    ),
  'dense over the last of three axes, permuted, repeated': () =>
    chain(
      layers.dense({ inputShape: [3, 4], units: 2, activation: 'selu' }),
      layers.permute({ dims: [2, 1] }),
      layers.reshape({ targetShape: [-1] }),
      layers.repeatVector({ n: 3 }),
    ),
  'what only training needs': () =>
    chain(
      layers.dropout({ inputShape: [5], rate: 0.5 }),
      layers.gaussianNoise({ stddev: 1 }),
      layers.dense({ units: 2 }),
    ),
  'a Sequential model within a Sequential model': () =>
    chain(chain(layers.dense({ inputShape: [5], units: 4, activation: 'relu' })), layers.dense({ units: 2 })),
  'memory cells over a sequence': () =>
    chain(
      layers.simpleRNN({ inputShape: [5, 3], units: 4, returnSequences: true, recurrentInitializer: 'zeros' }),
      layers.lstm({ units: 3, returnSequences: true, goBackwards: true, recurrentInitializer: 'zeros' }),
      layers.gru({ units: 4, recurrentInitializer: 'zeros' }),
    ),
  'memory cells with the gates of Keras 2.0, without bias': () =>
    chain(
      layers.lstm({
        inputShape: [4, 3],
        units: 3,
        returnSequences: true,
        recurrentActivation: 'hardSigmoid',
        recurrentInitializer: 'zeros',
      }),
      layers.gru({ units: 2, useBias: false, activation: 'relu', recurrentInitializer: 'zeros' }),
    ),
  'both directions, joined and added': () =>
    chain(
      layers.bidirectional({
        inputShape: [4, 3],
        mergeMode: 'concat',
        layer: layers.lstm({ units: 3, returnSequences: true, recurrentInitializer: 'zeros' }),
      }),
      layers.bidirectional({
        mergeMode: 'sum',
        layer: layers.gru({ units: 2, recurrentInitializer: 'zeros' }),
      }),
    ),
  'a state that is handed on': () => {
    const [x, y] = [input({ shape: [4, 3] }), input({ shape: [3, 2] })];
    const [first, h, c] = layers
      .lstm({ units: 2, returnState: true, recurrentInitializer: 'zeros' })
      .apply(x) as SymbolicTensor[];
    const second = layers
      .lstm({ units: 2, recurrentInitializer: 'zeros' })
      .apply(y, { initialState: [h, c] }) as SymbolicTensor;
    return functional({ inputs: [x, y], outputs: [first, second] });
  },
  'layers applied at every step': () =>
    chain(
      layers.timeDistributed({
        inputShape: [3, ...image],
        layer: layers.conv2d({ filters: 2, kernelSize: 3, activation: 'relu' }),
      }),
      layers.timeDistributed({ layer: layers.flatten() }),
      layers.timeDistributed({ layer: layers.dense({ units: 4, activation: 'tanh' }) }),
    ),
  'layer normalization over one and over two axes': () =>
    chain(layers.layerNormalization({ inputShape: image, epsilon: 0.01 }), layers.layerNormalization({ axis: [2, 3] })),
  'words looked up': () =>
    chain(
      layers.activation({ activation: 'relu', inputShape: [3] }), // no word has a number below zero
      layers.embedding({ inputDim: 9, outputDim: 4 }),
      layers.dense({ units: 2, activation: 'softplus' }),
      layers.activation({ activation: 'softsign' }),
      layers.activation({ activation: 'mish' }),
    ),
  'products of vectors, of matrices and of both': () => {
    const [a, b] = [input({ shape: [4, 3] }), input({ shape: [4, 5] })];
    const v = input({ shape: [4] });
    const dot = (x: SymbolicTensor, y: SymbolicTensor, axes: number | [number, number], normalize = false) =>
      layers.dot({ axes, normalize }).apply([x, y]) as SymbolicTensor;
    return functional({
      inputs: [a, b, v],
      outputs: [dot(a, b, 1), dot(v, v, 1), dot(v, v, 1, true), dot(a, v, 1)],
    });
  },
  'merging inputs of unequal rank': () => {
    const map = input({ shape: image });
    const gate = layers.globalAveragePooling2d({}).apply(map) as SymbolicTensor;
    const scaled = layers.multiply().apply([map, gate]) as SymbolicTensor;
    const merged = [layers.average(), layers.maximum(), layers.minimum()].map(
      (layer) => layer.apply([map, scaled]) as SymbolicTensor,
    );
    return functional({ inputs: map, outputs: layers.concatenate({ axis: 2 }).apply(merged) as SymbolicTensor });
  },
  'a model used twice within another': () => {
    const inner = chain(layers.dense({ inputShape: [4], units: 3, activation: 'relu' }), layers.batchNormalization());
    const [a, b] = [input({ shape: [4] }), input({ shape: [4] })];
    const outputs = [inner.apply(a), layers.add().apply([inner.apply(a), inner.apply(b)] as SymbolicTensor[])];
    return functional({ inputs: [a, b], outputs: outputs as SymbolicTensor[] });
  },
};

it.each(Object.entries(MODELS))('%s', async (_, make) => {
  const batch = 2;
  const model = make();
  scramble(model);
  const graph = await readTfjsLayers(await saved(model));
  const shapes = model.inputs.map((t) => [batch, ...t.shape.slice(1).map(Number)]);
  const fed = shapes.map((shape, i) => tf.randomUniform(shape, -2, 2, 'float32', 40 + i));
  const result = model.predict(fed.length === 1 ? fed[0] : fed);
  const expected = Array.isArray(result) ? result : [result];
  const inputs = await Promise.all(fed.map(async (t) => Float32Array.from(await t.data())));
  expect(inputs.map((v) => v.length)).toEqual(shapes.map((s) => elementCount(s)));
  const values = await Promise.all(expected.map(async (t) => Float32Array.from(await t.data())));
  tf.dispose([...fed, ...expected]);
  model.dispose();
  const actual = await outputsOf(graph, inputs, batch);
  expect(graph.outputs).toHaveLength(values.length);
  values.forEach((v, i) => expectClose(actual[i], v, 1e-5));
});

it('refuses everything it does not model at once, nested models included', async () => {
  const net = chain(
    chain(layers.embedding({ inputDim: 9, outputDim: 4, inputLength: 3, maskZero: true, name: 'words' })),
    layers.masking({ maskValue: 0, name: 'mask' }),
    layers.lstm({ units: 2, name: 'memory', recurrentInitializer: 'zeros' }),
    layers.thresholdedReLU({ name: 'gate' }),
  );
  (net.layers[0] as LayersModel).name = 'inner';
  const error = await readTfjsLayers(await saved(net)).catch(toErrorInfo);
  net.dispose();
  expect(error).toMatchObject({
    code: 'unsupported-op',
    details: [
      'inner/words (Embedding): mask_zero (masking of time steps)',
      'mask (Masking): no such layer is modelled',
      'gate (ThresholdedReLU): no such layer is modelled',
    ],
  });
});
