import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { expectClose, outputsOf } from '../../../testing/fixtures/keras-goldens';
import type { SourceFile } from '../../data/types';
import { toErrorInfo } from '../../../base/errors';
import { elementCount } from '../../graph/graph';
import { readKerasH5 } from '../keras/read-h5';
import type { ModelJson } from './model-json';
import { readTfjsLayers } from './read-layers';

function folder(path: string): SourceFile[] {
  return readdirSync(fixturePath(path)).map((name) => ({
    path: `${path}/${name}`,
    bytes: readFixture(`${path}/${name}`),
  }));
}

/** Outputs of TensorFlow.js' own loader and layers. */
async function theirs(files: readonly SourceFile[], inputs: readonly Float32Array[], shapes: readonly number[][]) {
  const json = files.find(
    (f) => f.path.endsWith('.json') && new TextDecoder().decode(f.bytes).includes('modelTopology'),
  )!;
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json.bytes)) as ModelJson;
  const shards = weightsManifest.flatMap((g) =>
    g.paths.map((p) => files.find((f) => f.path.endsWith(`/${p.replace('./', '')}`))!),
  );
  const handler = tf.io.fromMemory({
    modelTopology: modelTopology as tf.io.ModelJSON['modelTopology'] & object,
    weightSpecs: weightsManifest.flatMap((g) => g.weights) as tf.io.WeightsManifestEntry[],
    weightData: Buffer.concat(shards.map((f) => f.bytes)).buffer,
  });
  const model = await loadLayersModel(handler);
  const fed = inputs.map((data, i) => tf.tensor(data, shapes[i]));
  const result = model.predict(fed.length === 1 ? fed[0] : fed);
  const outputs = Array.isArray(result) ? result : [result];
  const values = await Promise.all(outputs.map(async (t) => Float32Array.from(await t.data())));
  tf.dispose([...fed, ...outputs]);
  model.dispose();
  return values;
}

/** Repeatable values in [−1, 1). */
function noise(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe.skipIf(!haveFixtures)('readTfjsLayers', () => {
  it.each([
    ['abalone', 'tfjs/abalone', 3],
    ['Tiny VGG of CNN Explainer', 'tfjs/cnn_explainer_tinyvgg', 2],
    ['LeNet, all layers as outputs', 'tfjs/tensorspace_lenet/lenetModel', 2],
    ['hello world, all layers as outputs', 'tfjs/tensorspace_helloworld/convertedModel', 2],
    ['DoodleNet', 'tfjs/doodlenet', 1],
    ['an embedding and a GRU', 'tfjs/tfjs_e2e_tiny/layers_model', 2],
    ['the generator of an ACGAN', 'tfjs/tensorspace_acgan_generator', 1],
    ['MobileNetV1 0.75 224, 55 shards', 'tfjs/mobilenet_v1_0.75_224_layers', 1],
  ])(
    'computes what TensorFlow.js computes: %s',
    async (_, path, batch) => {
      const files = folder(path);
      const graph = await readTfjsLayers(files);
      const shapes = graph.inputs.map((id) => graph.tensors.get(id)!.shape.map((d) => (d === -1 ? batch : d)));
      const inputs = shapes.map((shape, i) => noise(elementCount(shape), i + 1));
      const actual = await outputsOf(graph, inputs, batch);
      const before = tf.memory().numTensors;
      const expected = await theirs(files, inputs, shapes);
      expect(tf.memory().numTensors).toBe(before);
      expect(actual).toHaveLength(expected.length);
      for (const [i, values] of expected.entries()) expectClose(actual[i], values, 1e-4);
    },
    60_000,
  );

  it('gives the model that the .h5 it was converted from gives', async () => {
    const h5 = 'tfjs/tensorspace_helloworld/rawModel/tf_keras_model.h5';
    const original = await readKerasH5(readFixture(h5), h5);
    const converted = await readTfjsLayers(folder('tfjs/tensorspace_helloworld/convertedModel'));
    const digit = noise(28 * 28);
    const [last] = await outputsOf(original, [digit], 1);
    expect((await outputsOf(converted, [digit], 1)).at(-1)).toEqual(last);
  });

  it('finds model and shards by content and name, in whatever folders they were dropped', async () => {
    const files = folder('tfjs/cnn_explainer_tinyvgg').map(({ path, bytes }, i) => ({
      path: `${i}/${path.endsWith('.json') ? 'renamed.txt' : path.slice(path.lastIndexOf('/') + 1)}`,
      bytes,
    }));
    const { provenance } = await readTfjsLayers([
      ...files,
      { path: 'x/notes.json', bytes: new TextEncoder().encode('{}') },
    ]);
    expect(provenance).toMatchObject({
      format: 'tfjs-layers',
      fileBytes: 4695 + 79680,
      producer: 'keras v2.2.4-tf via TensorFlow.js Converter v1.3.1.1',
    });
  });

  it('lists every missing shard', async () => {
    const present = folder('tfjs/mobilenet_v1_0.75_224_layers').filter(({ path }) => !/group(7|29)-/.test(path));
    const error = await readTfjsLayers(present).catch(toErrorInfo);
    expect(error).toMatchObject({ code: 'missing-file', details: ['group7-shard1of1', 'group29-shard1of1'] });
  });

  it('reads weights with bytes to spare and says so', async () => {
    const { provenance } = await readTfjsLayers(folder('broken/derived/tfjs_shard_extra'));
    expect(provenance.notes.join()).toMatch(/^64 bytes after the last weight .* ignored$/);
  });
});
