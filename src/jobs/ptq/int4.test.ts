import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { readTflite } from '../../core/model-formats/tflite/read';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { liveTensors, TestSession } from '../../testing/builders/session';

const SPLIT = { seed: 42, calibrationSamples: 16, evaluationSamples: 24 };

function weightsIn(format: string): QuantSettings {
  return { ...DEFAULT_SETTINGS, weights: { ...DEFAULT_SETTINGS.weights, format } };
}

describe.skipIf(!haveFixtures)('int4 weights in the file', () => {
  const studio = new TestSession();
  let before = 0;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  it('of ResNet8 are packed, and run in LiteRT as the integer reference says', async () => {
    await studio.run('openModel', {
      files: modelFiles(fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite')),
    });
    await studio.run('openData', { files: sourceFiles(fixturePath('datasets/cifar10_jpg/test')), ...SPLIT });
    await studio.run('calibrate', {});
    const settings = weightsIn('int4');
    const { result: int4 } = await studio.run('exportFile', { settings });
    const { result: int8 } = await studio.run('exportFile', { settings: weightsIn('int8') });
    // 77,360 weights of convolutions and the dense layer take half a byte less each.
    expect(int8.bytes.byteLength - int4.bytes.byteLength).toBeGreaterThan(77_360 / 2 - 400);
    const graph = readTflite(int4.bytes, 'int4.tflite');
    const weights = [...graph.tensors.values()].filter(({ dtype }) => dtype === 'int4');
    expect(weights.length).toBe(10);
    for (const { data } of weights) {
      const codes = Array.from(data as Int8Array, Math.abs);
      expect(codes.reduce((a, b) => Math.max(a, b), 0)).toBe(7);
    }
    const { result: verified } = await studio.run('verify', { file: int4.bytes, compareSamples: 2 });
    expect(verified.runtime.mismatches).toBe(0);
    expect(verified.runtime.elements).toBeGreaterThan(200_000);
    // A probe runs the same codes on int8 kernels: the same answers.
    const { result: probed } = await studio.run('probe', { settings, samples: SPLIT.evaluationSamples });
    expect(probed).toEqual(verified.file);
  });

  it('of depthwise convolutions stay a byte each, exact all the same', async () => {
    await studio.run('openModel', {
      files: modelFiles(fixturePath('mlperf_tiny/vww/trained_models/vww_96_float.tflite')),
    });
    await studio.run('randomData', { ...SPLIT, evaluationSamples: 8 });
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings: weightsIn('int4') });
    const graph = readTflite(exported.bytes, 'int4.tflite');
    for (const op of graph.ops)
      if (op.kind === 'depthwiseConv2d') expect(graph.tensors.get(op.inputs[1]!)!.dtype).toBe('int8');
      else if (op.kind === 'conv2d') expect(graph.tensors.get(op.inputs[1]!)!.dtype).toBe('int4');
    const { result: verified } = await studio.run('verify', { file: exported.bytes, compareSamples: 2 });
    expect(verified.runtime.mismatches).toBe(0);
  });

  it('of three bits are stored a byte each', async () => {
    const { result: int3 } = await studio.run('exportFile', { settings: weightsIn('int3') });
    const graph = readTflite(int3.bytes, 'int3.tflite');
    expect([...graph.tensors.values()].some(({ dtype }) => dtype === 'int4')).toBe(false);
  });
});
