/** Models of which int8 used to go wrong, quantized by default and run in LiteRT. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { tensorOf } from '../../core/graph/graph';
import { readTflite } from '../../core/model-formats/tflite/read';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { casePath, haveCases } from '../../testing/fixtures/cases';
import { liveTensors, TestSession } from '../../testing/builders/session';

const SPLIT = { seed: 42, calibrationSamples: 24, evaluationSamples: 40 };

/** Least decibels of the file, by the same figure of other quantizers or of a twin that they can do. */
const CASES: readonly (readonly [model: string, data: string | null, decibels: number])[] = [
  ['clip_coordconv.onnx', 'clip_coordconv.npy', 34.5], // onnxruntime: 35.3 on samples of its own
  ['clip_where.onnx', 'clip_where.npy', 21.9],
  ['clip_causal.onnx', 'clip_causal.npy', 25],
  ['mask_min.onnx', 'mask_min.npz', 20],
  ['sdpa_causal_ts.onnx', null, 20],
  ['const_select_slice_transpose.onnx', 'const_x.npy', 20],
];

describe.skipIf(!haveCases)('quantized by default', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  it.each(CASES)('%s runs, and is as good as it can be', async (model, data, decibels) => {
    await studio.run('openModel', { files: modelFiles(casePath(model)) });
    if (data === null) await studio.run('randomData', SPLIT);
    else await studio.run('openData', { files: sourceFiles(casePath(data)), ...SPLIT });
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
    const file = readTflite(exported.bytes, 'exported.tflite');
    const isConstant = (id: string | null) => id === null || tensorOf(file, id).data !== undefined;
    expect(file.ops.filter(({ inputs }) => inputs.every(isConstant))).toEqual([]);
    const { result: verified } = await studio.run('verify', { file: exported.bytes, compareSamples: 4 });
    expect(verified.file).toMatchObject({ metric: 'sqnr' });
    expect(verified.file.value).toBeGreaterThanOrEqual(decibels);
    expect(verified.runtime.mismatches).toBe(0);
  });

  it('layer normalization loses nothing of its variance', async () => {
    await studio.run('openModel', { files: modelFiles(casePath('layernorm.keras')) });
    await studio.run('openData', { files: sourceFiles(casePath('layernorm.npz')), ...SPLIT });
    await studio.run('calibrate', {});
    const { result } = await studio.run('evaluate', { settings: DEFAULT_SETTINGS });
    expect(result.outputSqnrDb).toBeGreaterThanOrEqual(13); // 6.8 with all of it in int8 but the root
  });

  it('1-D convolutions take in what follows them, as 2-D ones do', async () => {
    await studio.run('openModel', { files: modelFiles(casePath('conv1d-bn.keras')) });
    await studio.run('openData', { files: sourceFiles(casePath('conv1d-bn.npz')), ...SPLIT });
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
    const { ops } = readTflite(exported.bytes, 'conv1d-bn_int8.tflite');
    expect(ops.map(({ kind }) => kind)).toEqual(['reshape', 'conv2d', 'conv2d', 'conv2d', 'mean', 'fullyConnected', 'softmax']); // prettier-ignore
    expect(exported.bytes.byteLength).toBeLessThan(5_800); // its twin of 2-D convolutions: 5,680
    const { result: verified } = await studio.run('verify', { file: exported.bytes, compareSamples: 4 });
    expect(verified.file.value).toBe(verified.float.value);
    expect(verified.runtime.mismatches).toBe(0);
  });
});
