/** The figures the project promises, on real models: within half a point, no larger than asked for, exact in LiteRT. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { liveTensors, TestSession } from '../../testing/builders/session';
import type { DataChange } from '../contract/protocol';

const settings = DEFAULT_SETTINGS;
const TINY = 'mlperf_tiny';

describe.skipIf(!haveFixtures)('must show', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  async function quantizedFile(model: string, open: () => Promise<unknown>, compareSamples: number) {
    await studio.run('openModel', { files: modelFiles(fixturePath(model)) });
    await open();
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings });
    const { result: verified } = await studio.run('verify', { file: exported.bytes, compareSamples });
    return { exported, verified };
  }
  const images = (folder: string, split: DataChange) => () =>
    studio.run('openData', { files: sourceFiles(fixturePath(folder)), ...split });
  const noise = (samples: number) => () =>
    studio.run('randomData', { seed: 1, calibrationSamples: samples, evaluationSamples: samples });

  it.each(['h5', 'tflite'])('ResNet8 from .%s: 500 images to calibrate, 1,000 to evaluate', async (format) => {
    const split = { seed: 42, calibrationSamples: 500, evaluationSamples: 1000 };
    const model = `${TINY}/ic/trained_models/pretrainedResnet.${format}`;
    const { exported, verified } = await quantizedFile(model, images('datasets/cifar10_jpg/train', split), 16);
    expect(exported.fileName).toBe('pretrainedResnet_int8.tflite');
    expect(exported.bytes.byteLength).toBeLessThanOrEqual(100_000);
    expect(exported.keptFloat).toEqual([]);
    expect(verified.file).toMatchObject({ metric: 'top1', samples: 1000 });
    // JPEGs of training images: about ten points below what the model reaches on lossless ones.
    expect(verified.float.value).toBeGreaterThan(0.75);
    expect(Math.abs(verified.file.value - verified.float.value)).toBeLessThanOrEqual(0.005);
    expect(verified.runtime).toMatchObject({ mismatches: 0, maxLsb: 0, samples: 16 });
    // Nine convolutions, three sums, pool, reshape, dense, softmax.
    expect(verified.runtime.tensors).toHaveLength(16);
  });

  it('ResNet8 in FP8 E4M3 throughout, but for its pixels, which nobody has to be told: within 1.5 points of float', async () => {
    await studio.run('openModel', {
      files: modelFiles(fixturePath(`${TINY}/ic/trained_models/pretrainedResnet.tflite`)),
    });
    await images('datasets/cifar10_jpg/train', { seed: 42, calibrationSamples: 200, evaluationSamples: 1000 })();
    await studio.run('calibrate', {});
    const fp8 = { format: 'fp8-e4m3fn', estimator: { id: 'mse', params: {} } };
    const chosen = { ...settings, weights: { ...settings.weights, ...fp8 }, activations: fp8 };
    const { result } = await studio.run('evaluate', { settings: chosen });
    expect(result.float.value - result.quantized.value).toBeLessThanOrEqual(0.015);
  });

  it.each([
    ['KWS .tflite', `${TINY}/kws/trained_models/kws_ref_model_float32.tflite`, 60_000],
    ['VWW .tflite', `${TINY}/vww/trained_models/vww_96_float.tflite`, 330_000],
    ['VWW .h5', `${TINY}/vww/trained_models/vww_96.h5`, 330_000],
    ['AD .tflite', `${TINY}/ad/trained_models/ad01_fp32.tflite`, 330_000],
    ['AD .h5', `${TINY}/ad/trained_models/ad01.h5`, 330_000],
  ])('%s on random data: no element differs', async (_, model, bytes) => {
    const { exported, verified } = await quantizedFile(model, noise(32), 8);
    expect(exported.bytes.byteLength).toBeLessThan(bytes);
    expect(exported.keptFloat).toEqual([]);
    expect(verified.runtime).toMatchObject({ mismatches: 0, maxLsb: 0 });
    if (verified.file.metric === 'sqnr') expect(verified.file.value).toBeGreaterThan(20);
    else expect(verified.file.value).toBeGreaterThan(0.85);
  });

  it('MobileNet 0.75 224 from TF.js, 55 shards: opens, quantizes, no element differs', async () => {
    const { exported, verified } = await quantizedFile('tfjs/mobilenet_v1_0.75_224_layers/model.json', noise(3), 1);
    expect(studio.session.model.view.parameters).toBeGreaterThan(2_500_000);
    expect(exported.bytes.byteLength).toBeLessThan(3_000_000);
    expect(verified.runtime.mismatches).toBe(0);
  });

  it('LeNet that hands out every layer is judged by its softmax', async () => {
    const idx = ['images-idx3', 'labels-idx1'].map((part) => `datasets/mnist/t10k-${part}-ubyte.gz`);
    const files = idx.flatMap((path) => sourceFiles(fixturePath(path)));
    const split = { seed: 1, calibrationSamples: 100, evaluationSamples: 200 };
    const open = () => studio.run('openData', { files, ...split });
    const { verified } = await quantizedFile('tfjs/tensorspace_lenet/lenetModel/mnist.json', open, 4);
    expect(verified.float.metric).toBe('top1');
    expect(verified.float.value).toBeGreaterThan(0.94);
    expect(verified.file.value).toBeGreaterThan(0.93);
    expect(verified.runtime.mismatches).toBe(0);
  });
});
