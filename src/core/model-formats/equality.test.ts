/** The same network gives the same outputs, whichever format it is read from. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixturePath, haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { expectClose, outputsOf } from '../../testing/fixtures/keras-goldens';
import { testInputs, testValues } from '../../testing/oracles/naive/compare';
import { runNaive } from '../../testing/oracles/naive-float';
import { built, FORMS } from '../../testing/builders/one-network';
import { elementCount, withBatch, type Graph } from '../graph/graph';
import { normalize } from '../graph/passes/normalize';
import { readModel } from './read-model';
import { MODEL_FORMATS } from './table';

describe('one network written in every format', () => {
  it('is written in all of them', () => {
    expect(Object.keys(FORMS).sort()).toEqual(MODEL_FORMATS.map(({ id }) => id).sort());
  });

  it.each(Object.entries(FORMS))('%s computes what the network says', async (format, files) => {
    const batch = 2;
    const reference = built();
    const inputs = testInputs(reference, batch);
    const expected = runNaive(reference, inputs, batch).get(reference.outputs[0])!;
    const graph = await readModel(await files());
    expect(graph.provenance.format).toBe(format);
    expect(graph.tensors.get(graph.inputs[0])!.shape).toEqual([-1, 8, 8, 3]);
    for (const form of [graph, normalize(graph)]) {
      const [actual] = await outputsOf(form, [inputs.get('x')!], batch);
      expectClose(actual, expected.data, 1e-5);
    }
    // Five real ops remain in each: formats differ in how they spell and shape things, not in what is quantized.
    const kinds = normalize(graph).ops.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'reshape')).toEqual([
      'conv2d',
      'depthwiseConv2d',
      expect.stringMatching(/^(mean|averagePool2d)$/) as string,
      'fullyConnected',
      'softmax',
    ]);
  });
});

const one = (path: string): Promise<Graph> => readModel([{ path, bytes: readFixture(path) }]);
const folder = (path: string): Promise<Graph> =>
  readModel(readdirSync(fixturePath(path)).map((name) => ({ path: name, bytes: readFixture(`${path}/${name}`) })));

const KERAS3 = ['lstm', 'mobilenetv3_block', 'nested', 'separable', 'shared', 'unet'];
const MLPERF = 'mlperf_tiny';
const TWINS: readonly (readonly [what: string, first: () => Promise<Graph>, second: () => Promise<Graph>])[] = [
  ...KERAS3.map((name) => {
    const path = `conformance/keras3/${name}`;
    return [`${name}: .keras and .h5`, () => one(`${path}.keras`), () => one(`${path}.h5`)] as const;
  }),
  [
    'ResNet8: .h5 and .tflite',
    () => one(`${MLPERF}/ic/trained_models/pretrainedResnet.h5`),
    () => one(`${MLPERF}/ic/trained_models/pretrainedResnet.tflite`),
  ],
  [
    'MobileNetV1 0.25: .h5 and .tflite',
    () => one(`${MLPERF}/vww/trained_models/vww_96.h5`),
    () => one(`${MLPERF}/vww/trained_models/vww_96_float.tflite`),
  ],
  [
    'Ultra-Light-Face: ONNX and .tflite',
    () => one('onnx/ultraface/version-slim-320_simplified.onnx'),
    () => one('tflite/ultraface/version-slim-320_without_postprocessing.tflite'),
  ],
  [
    'TensorSpace: .h5 and TF.js',
    () => one('tfjs/tensorspace_helloworld/rawModel/tf_keras_model.h5'),
    () => folder('tfjs/tensorspace_helloworld/convertedModel'),
  ],
];

describe.skipIf(!haveFixtures)('networks that came in two formats', () => {
  it.each(TWINS)('%s', async (_, first, second) => {
    const [a, b] = [await first(), await second()];
    const inputs = a.inputs.map((id, i) => testValues(elementCount(withBatch(a.tensors.get(id)!.shape, 1)), i + 1));
    const [left, right] = [await outputsOf(a, inputs, 1), await outputsOf(b, inputs, 1)];
    // Converters reorder outputs, and one gives all layers' besides: each of the first has its equal among the second's.
    for (const values of left) {
      const twin = right.findLast(({ length }) => length === values.length);
      expect(twin).toBeDefined();
      expectClose(values, twin!, 1e-4);
    }
  });
});
