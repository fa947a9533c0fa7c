import { readdirSync } from 'node:fs';
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseNpz } from '../../core/data/npy';
import type { InputSizes } from '../../core/model-formats/open-sizes';
import { readTflite } from '../../core/model-formats/tflite/read';
import { elementCount, tensorOf, type Tensor, type TensorData, type TensorId } from '../../core/graph/graph';
import { fixturePath, haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { initBackend } from './backend';
import { floatValues } from './constants';
import { TfjsModel } from './model';
import { nodeHost } from './node-host';

const FLOAT = [
  'mlperf_tiny/ic/trained_models/pretrainedResnet.tflite',
  'mlperf_tiny/vww/trained_models/vww_96_float.tflite',
  'mlperf_tiny/ad/trained_models/ad01_fp32.tflite',
  'tflite/mediapipe/face_detection_short_range.tflite',
  'tflite/mediapipe/hand_recrop.tflite',
  'tflite/mediapipe/knift_float.tflite',
  'tflite/dtln/model_1.tflite',
  'tflite/tflite_support/mobilenet_v1_0.25_224_1_default_1.tflite',
  'tflite/ultraface/version-slim-320_without_postprocessing.tflite',
  'tflite/tflm/hello_world_float.tflite',
  'tflite/tflite_support/dilated_conv.tflite',
  'tflite/tflm/trained_lstm.tflite',
];

/** Rounding at every tensor differs by ties and float sums, so an output may be off by some steps of its grid. */
const INTEGER: Readonly<Record<string, number>> = {
  'mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite': 1,
  'mlperf_tiny/vww/trained_models/vww_96_int8.tflite': 1,
  'mlperf_tiny/kws/trained_models/kws_ref_model.tflite': 1,
  'mlperf_tiny/ad/trained_models/ad01_int8.tflite': 1,
  'tflite/tflite_support/mobilenet_v1_0.25_224_quant.tflite': 8, // 28 roundings deep, by gemmlowp's double rounding
  'tflite/tflm/hello_world_int8.tflite': 1,
  'tflite/tflm/micro_speech_quantized.tflite': 1,
  'mlperf_tiny/sww/trained_models/str_ww_ref_model.tflite': 1,
};

/** int8 weights in float ops: TensorFlow Lite quantizes the activations that meet them, as it goes. */
const HYBRID: Readonly<Record<string, number>> = {
  'mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite': 2e-2,
  'tflite/dtln/model_quant_1.tflite': 2e-2,
};

/** Sizes that files leave open, as the goldens have them. */
const OPEN_SIZES: Readonly<Record<string, InputSizes>> = {
  'tflite/tflite_support/dilated_conv.tflite': { 'input_1[1]': 1, 'input_1[2]': 1 },
};

/** Compared by the tests of their readers. */
const ELSEWHERE = /\.(onnx|h5|hdf5|keras)\.npz$/;
/** Its LSTM has arithmetic of its own. */
const OPAQUE = 'tflite/tflm/trained_lstm_int8.tflite';

interface Compared {
  readonly tensor: Tensor;
  readonly expected: Float32Array;
  readonly actual: Float32Array;
}

/** Runs a model on its golden inputs; integer goldens are dequantized. */
async function compare(path: string): Promise<Compared[]> {
  const graph = readTflite(readFixture(path), path, OPEN_SIZES[path]);
  const golden = parseNpz(readFixture(`goldens/${path.replaceAll('/', '__')}.npz`));
  const real = (name: string, id: TensorId) => {
    const { shape, quant } = tensorOf(graph, id);
    return floatValues({
      id,
      shape,
      dtype: 'int8',
      data: golden.get(name)!.data as TensorData,
      ...(quant && { quant }),
    });
  };
  const before = memory().numTensors;
  const model = TfjsModel.load(graph);
  const inputs = new Map(graph.inputs.map((id, i) => [id, real(`in${i}`, id)]));
  const size = inputs.get(graph.inputs[0])!.length / elementCount(tensorOf(graph, graph.inputs[0]).shape);
  const outputs = await model.run({ size, inputs }, graph.outputs);
  model.dispose();
  expect(memory().numTensors).toBe(before);
  return graph.outputs.map((id, i) => {
    const actual = outputs.get(id)!.data as Float32Array;
    const expected = real(`out${i}`, id);
    expect(actual.length).toBe(expected.length);
    return { tensor: tensorOf(graph, id), expected, actual };
  });
}

function largestError({ expected, actual }: Compared): number {
  return expected.reduce((max, v, i) => Math.max(max, Math.abs(v - actual[i])), 0);
}

describe.skipIf(!haveFixtures)('models against TensorFlow Lite', () => {
  beforeAll(() => initBackend(nodeHost()));

  it.each(FLOAT)('float %s', async (path) => {
    for (const output of await compare(path)) {
      const largest = output.expected.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
      expect(largestError(output) / largest, output.tensor.id).toBeLessThan(1e-5);
    }
  });

  it.each(Object.entries(HYBRID))('hybrid %s', async (path, tolerance) => {
    for (const output of await compare(path)) {
      const largest = output.expected.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
      expect(largestError(output) / largest, output.tensor.id).toBeLessThan(tolerance);
    }
  });

  it('all have been compared', () => {
    const compared = [...FLOAT, ...Object.keys(INTEGER), ...Object.keys(HYBRID), OPAQUE];
    const names = compared.map((path) => `${path.replaceAll('/', '__')}.npz`);
    const goldens = readdirSync(fixturePath('goldens')).filter(
      (name) => name.endsWith('.npz') && !ELSEWHERE.test(name),
    );
    expect(goldens.sort()).toEqual(names.sort());
  });

  it.each(Object.entries(INTEGER))('dequantized %s', async (path, steps) => {
    for (const output of await compare(path))
      expect(largestError(output) / output.tensor.quant!.scale[0], output.tensor.id).toBeLessThan(steps + 0.01);
  });
});
