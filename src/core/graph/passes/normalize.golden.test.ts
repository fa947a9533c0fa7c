import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../../testing/fixtures/fixtures';
import { runNaive } from '../../../testing/oracles/naive-float';
import { parseNpz } from '../../data/npy';
import { readModel } from '../../model-formats/read-model';
import type { Graph } from '../graph';
import { normalize } from './normalize';

const open = (path: string) => readModel([{ path, bytes: readFixture(path) }]);

/** Largest difference to the recorded outputs, relative to the largest of them. */
function differenceToGolden(graph: Graph, golden: ReadonlyMap<string, { readonly data: ArrayLike<number | bigint> }>) {
  const values = (key: string) => Float32Array.from(golden.get(key)!.data as ArrayLike<number>);
  const results = runNaive(graph, new Map(graph.inputs.map((id, i) => [id, values(`in${i}`)])), 1);
  return Math.max(
    ...graph.outputs.map((id, i) => {
      const expected = values(`out${i}`);
      const { data } = results.get(id)!;
      expect(data).toHaveLength(expected.length);
      const largest = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      return data.reduce((d, v, k) => Math.max(d, Math.abs(v - expected[k])), 0) / largest;
    }),
  );
}

/** Kind and fused activation of each op, in order. */
const signature = (graph: Graph) => graph.ops.map(({ kind, activation }) => `${kind} ${activation}`);

describe.skipIf(!haveFixtures)('real models', () => {
  // Recorded with Keras 3.15 and with the built-in kernels of TensorFlow Lite 2.21.
  it.each([
    'keras/h5_keras2.0/fer2013_mini_XCEPTION.102-0.66.hdf5',
    'mlperf_tiny/ad/trained_models/ad01.h5',
    'mlperf_tiny/ad/trained_models/ad01_fp32.tflite',
    'mlperf_tiny/ic/trained_models/pretrainedResnet.h5',
    'mlperf_tiny/ic/trained_models/pretrainedResnet.tflite',
    'mlperf_tiny/vww/trained_models/vww_96_float.tflite',
    'tflite/mediapipe/face_detection_short_range.tflite',
    'tflite/mediapipe/hand_recrop.tflite',
  ])('%s computes the recorded outputs, normalized or not', { timeout: 30_000 }, async (path) => {
    const golden = parseNpz(readFixture(`goldens/${path.replaceAll('/', '__')}.npz`));
    const source = await open(path);
    const graph = normalize(source);
    expect(differenceToGolden(source, golden)).toBeLessThan(1e-5);
    expect(differenceToGolden(graph, golden)).toBeLessThan(1e-5);
    expect(graph.outputs).toEqual(source.outputs);
    expect(graph.inputs.map((id) => graph.tensors.get(id)!.shape[0])).toEqual([-1]);
    expect(graph.ops.map(({ kind }) => kind)).not.toContain('batchNorm');
  });

  it.each([
    ['mlperf_tiny/ic/trained_models/pretrainedResnet.h5', 'mlperf_tiny/ic/trained_models/pretrainedResnet.tflite'],
    ['mlperf_tiny/vww/trained_models/vww_96.h5', 'mlperf_tiny/vww/trained_models/vww_96_float.tflite'],
    ['mlperf_tiny/ad/trained_models/ad01.h5', 'mlperf_tiny/ad/trained_models/ad01_fp32.tflite'],
  ])("%s becomes the ops that TensorFlow's converter makes of it", async (keras, converted) => {
    const ops = signature(normalize(await open(keras)));
    expect(ops.sort()).toEqual(signature(await open(converted)).sort());
  });
});
