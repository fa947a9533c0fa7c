import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORMS } from '../../core/exports/forms';
import { readTflite } from '../../core/model-formats/tflite/read';
import { readOnnx } from '../../core/model-formats/onnx/read';
import { Decoder } from '../../core/model-formats/tflite/schema/decode';
import { builtinName } from '../../core/model-formats/tflite/schema/enums';
import { tensorOf } from '../../core/graph/graph';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { writeNpy } from '../../testing/builders/npy-writer';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { committedArchive } from '../../testing/fixtures/golden-archives';

const FILES = committedArchive('quantized-models.zip');
const SAMPLES = 32;

/** Operators of a .tflite and their versions. */
function versionsOf(bytes: Uint8Array): Record<string, number> {
  const codes = new Decoder(bytes, 'x').root('Model').operatorCodes ?? [];
  return Object.fromEntries(
    codes.map(({ builtinCode, deprecatedBuiltinCode, version }) => [
      builtinName(Math.max(builtinCode, deprecatedBuiltinCode)),
      version,
    ]),
  );
}

/** A small residual network; scripts/oracles/quantized_models.py makes it. */
describe('forms of a file', () => {
  const studio = new TestSession();
  let before = 0;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: [{ path: 'm.tflite', bytes: FILES.get('tf_dynamic_range.tflite')! }] });
    const images = new Float32Array(FILES.get('images.f32')!.slice().buffer);
    const npy = writeNpy({ descr: '<f4', shape: [SAMPLES, 8, 8, 4], values: [...images] });
    await studio.run('openData', {
      files: [{ path: 'x.npy', blob: new Blob([npy.slice()]) }],
      seed: 1,
      calibrationSamples: 16,
      evaluationSamples: 16,
      preprocessing: [],
    });
    await studio.run('calibrate', {});
  });

  afterAll(() => expect(studio.close(before)).toBe(0));

  const written = async (form: string, settings: QuantSettings = DEFAULT_SETTINGS) =>
    (await studio.run('exportForm', { settings, form })).result;

  /** Decibels against float that each form reaches at least on this network, whose weights are noise. */
  const LEAST: Readonly<Record<string, number>> = {
    int8: 25,
    int16x8: 35,
    'dynamic-range': 35,
    'weight-only-int8': 40,
    'weight-only-int4': 10,
    'tflm-lut': 10,
    float16: 60,
    'onnx-qdq': 25,
    'onnx-qdq-uint8': 25,
    'onnx-qoperator': 25,
    'onnx-float16': 60,
    'onnx-matmulnbits': 20,
    tfjs: 35,
  };

  it.each(FORMS.filter(({ runtime }) => runtime !== 'none').map(({ id }) => id))(
    '%s runs in its own runtime',
    async (id) => {
      const { figures, bytes, notes } = await written(id);
      expect(notes.join()).not.toMatch(/could not/);
      expect(bytes.byteLength).toBeGreaterThan(1000);
      expect(figures!.outputSqnrDb).toBeGreaterThan(LEAST[id]);
    },
  );

  it("has the versions that LiteRT's op_version.cc gives", async () => {
    const rest = { MAX_POOL_2D: 1, MEAN: 1, ADD: 1 };
    const float = { ...rest, CONV_2D: 1, DEPTHWISE_CONV_2D: 1, FULLY_CONNECTED: 1 };
    expect(versionsOf((await written('int16x8')).bytes)).toEqual({
      CONV_2D: 8,
      DEPTHWISE_CONV_2D: 1,
      FULLY_CONNECTED: 11,
      ADD: 3,
      MAX_POOL_2D: 3,
      MEAN: 3,
    });
    const hybrid = { ...rest, CONV_2D: 5, DEPTHWISE_CONV_2D: 6, FULLY_CONNECTED: 12 };
    expect(versionsOf((await written('dynamic-range')).bytes)).toEqual(hybrid);
    expect(versionsOf((await written('weight-only-int8')).bytes)).toEqual({ ...float, DEQUANTIZE: 5 });
    expect(versionsOf((await written('weight-only-int4')).bytes)).toEqual({ ...float, DEQUANTIZE: 6 });
    expect(versionsOf((await written('float16')).bytes)).toEqual({ ...float, DEQUANTIZE: 3 });
  });

  it('names the oldest runtime', async () => {
    expect((await written('int8')).minimumRuntime).toBe('1.14.0');
    expect((await written('int16x8')).minimumRuntime).toBe('2.15.0');
    expect((await written('weight-only-int4')).minimumRuntime).toBe('2.18.0');
  });

  it('has 64-bit biases and no zero points at 16 bits', async () => {
    const graph = readTflite((await written('int16x8')).bytes, 'x.tflite');
    const types = [...graph.tensors.values()].map(({ dtype }) => dtype);
    expect(types).toContain('int64');
    for (const { dtype, quant } of graph.tensors.values()) if (dtype === 'int16') expect(quant!.zeroPoint[0]).toBe(0);
  });

  it('gives each input and output the type that was asked for', async () => {
    const { graph } = studio.session.model;
    const ioTensors = { [graph.inputs[0]]: 'uint8', [graph.outputs[0]]: 'float32' } as const;
    const { bytes, figures } = await written('int8', { ...DEFAULT_SETTINGS, ioTensors });
    const file = readTflite(bytes, 'x.tflite');
    expect(tensorOf(file, file.inputs[0]).dtype).toBe('uint8');
    expect(tensorOf(file, file.outputs[0]).dtype).toBe('float32');
    expect(figures!.outputSqnrDb).toBeGreaterThan(LEAST.int8);
  });

  it('mixes layers of 16 and of 8 bits', async () => {
    const [first] = studio.session.model.graph.ops;
    const layers = { [first.id]: { activationFormat: 'int8' } };
    const { bytes, figures } = await written('int16x8', { ...DEFAULT_SETTINGS, layers });
    const types = new Set([...readTflite(bytes, 'x.tflite').tensors.values()].map(({ dtype }) => dtype));
    expect([...types]).toEqual(expect.arrayContaining(['int16', 'int8', 'int64', 'int32']));
    expect(figures!.outputSqnrDb).toBeGreaterThan(LEAST.int8);
  });

  it('writes ONNX that reads back with the scales it was given, biases without a zero point', async () => {
    const { bytes, plan } = await written('onnx-qdq');
    const graph = readOnnx(bytes, 'x.onnx');
    const scales = new Set(Object.values(plan!.activations).map(({ params }) => params.scale[0]));
    const stored = [...graph.tensors.values()].flatMap(({ data, quant }) => (!data && quant ? [quant.scale[0]] : []));
    expect(stored.length).toBeGreaterThan(5);
    for (const scale of stored) expect(scales).toContain(scale);
  });

  it('names the layer where it cannot say what another runtime answers', async () => {
    const compared = async (settings: QuantSettings) => {
      const { bytes } = (await studio.run('exportFile', { settings })).result;
      return (await studio.run('compareRuntimes', { file: bytes, runtime: 'tflm', samples: 4 })).result;
    };
    expect((await compared(DEFAULT_SETTINGS)).unknown).toMatch(/^The arithmetic of mean in TensorFlow Lite Micro/);
    const [first] = studio.session.model.graph.ops;
    const inFloat = await compared({ ...DEFAULT_SETTINGS, layers: { [first.id]: { keepFloat: true } } });
    expect(inFloat).toMatchObject({ figures: null, unknown: expect.stringMatching(/is computed in float/) });
  });

  it('says which forms there are where one is unknown', async () => {
    await expect(written('gguf')).rejects.toMatchObject({ code: 'invalid-settings' });
  });
});
