import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensorOf } from '../../core/graph/graph';
import { readTflite } from '../../core/model-formats/tflite/read';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { writeNpy } from '../../testing/builders/npy-writer';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { haveCases, readCase } from '../../testing/fixtures/cases';
import { committedArchive } from '../../testing/fixtures/golden-archives';
import { outputsOf } from '../../testing/fixtures/keras-goldens';
import { FileRunner } from '../session/file-runner';

const FILES = committedArchive('quantized-models.zip');
const SAMPLES = 32;

function floats(name: string): Float32Array {
  const bytes = FILES.get(`${name}.f32`)!;
  return new Float32Array(bytes.slice().buffer);
}

const IMAGES = { values: () => floats('images'), shape: [8, 8, 4] };
const TOKENS = { values: () => floats('tokens'), shape: [6, 64] };

/** scripts/oracles/quantized_models.py makes them, with onnxruntime, TensorFlow, tf-mot and Brevitas. */
describe('models that others quantized', () => {
  const studio = new TestSession();
  let before = 0;

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
  });

  afterAll(() => expect(studio.close(before)).toBe(0));

  async function opened(name: string, bytes: Uint8Array, data = IMAGES) {
    const { result: view } = await studio.run('openModel', { files: [{ path: name, bytes }] });
    const npy = writeNpy({ descr: '<f4', shape: [SAMPLES, ...data.shape], values: [...data.values()] });
    await studio.run('openData', {
      files: [{ path: 'x.npy', blob: new Blob([npy.slice()]) }],
      seed: 1,
      calibrationSamples: 16,
      evaluationSamples: 16,
      preprocessing: [],
    });
    await studio.run('calibrate', {});
    return view;
  }

  /** Quantizes with the default settings, and runs the file on all samples. */
  async function fileOutputs(data = IMAGES) {
    const { result: exported } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
    const graph = readTflite(exported.bytes, 'exported.tflite');
    const runner = await FileRunner.load(studio.session, exported.bytes, graph);
    const values = data.values();
    const size = values.length / SAMPLES;
    const outputs = Array.from({ length: SAMPLES }, (_, i) => [
      ...runner.run(values.subarray(i * size, (i + 1) * size), [0]),
    ]).flat();
    runner.dispose();
    const step = tensorOf(graph, graph.outputs[0]).quant!.scale[0];
    return { ...exported, outputs, step };
  }

  const largest = (outputs: readonly number[], wanted: Float32Array) =>
    outputs.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);

  it.each([
    'tf_int8.tflite',
    'tf_int8_uint8_io.tflite',
    'tf_int8_float_io.tflite',
    'tfmot_qat_int8.tflite',
    'tfmot_qat_fake_quant.tflite',
    'tfmot_qat.h5',
  ])("%s: the exported file answers exactly what TensorFlow's does", async (name) => {
    const view = await opened(name, FILES.get(name)!);
    expect(view.alreadyQuantized).toBe(false);
    const { plan, outputs, step } = await fileOutputs();
    expect(Object.values(plan.activations).every(({ origin }) => origin === 'file' || origin === 'shared')).toBe(true);
    expect(Object.values(plan.weights).every(({ origin }) => origin === 'file')).toBe(true);
    expect(largest(outputs, floats(name))).toBeLessThan(1e-3 * step);
  });

  /** Averages and joins round apart from onnxruntime, whose own kernels do among each other, too: two steps at most. */
  it.each(['s8s8', 'u8s8_reduced', 'percentile', 'symmetric', 's16s8', 'a16_contrib'])(
    'ort_qdq_%s: no scale is found anew, and answers are those of onnxruntime',
    async (name) => {
      await opened('m.onnx', FILES.get(`ort_qdq_${name}.onnx`)!);
      const { plan, outputs, step } = await fileOutputs();
      const origins = Object.values(plan.activations).map(({ origin }) => origin);
      expect(origins.every((origin) => origin === 'file' || origin === 'shared')).toBe(true);
      expect(Object.values(plan.weights).every(({ origin }) => origin === 'file')).toBe(true);
      expect(largest(outputs, floats(`ort_qdq_${name}.onnx`))).toBeLessThan(2.01 * step);
    },
  );

  it.each(['ort_qoperator_u8s8', 'ort_qoperator_s8s8', 'ort_qdq_u8u8'])('%s opens and answers alike', async (name) => {
    await opened('m.onnx', FILES.get(`${name}.onnx`)!);
    const { outputs, step } = await fileOutputs();
    expect(largest(outputs, floats(`${name}.onnx`))).toBeLessThan(3.01 * step);
  });

  it.each(['dynamic_s8', 'dynamic_u8', 'matmulnbits_asymmetric', 'matmulnbits_8', 'qdq_int4_blocks'])(
    'ort_%s opens as the float model of its weights',
    async (name) => {
      await opened('m.onnx', FILES.get(`ort_${name}.onnx`)!, TOKENS);
      const wanted = floats(`ort_${name}.onnx`);
      const { graph } = studio.session.model;
      const values = TOKENS.values();
      let [signal, noise] = [0, 0];
      for (let i = 0; i < SAMPLES; i++) {
        const [answer] = await outputsOf(graph, [values.subarray(i * 384, (i + 1) * 384)], 1);
        answer.forEach((value, at) => {
          const exact = wanted[i * answer.length + at];
          signal += exact ** 2;
          noise += (value - exact) ** 2;
        });
      }
      // onnxruntime rounds activations as it runs, for int8 matrices and for those of 4 bits that it recognises itself.
      const rounds = name.startsWith('dynamic') || name.startsWith('qdq');
      expect(10 * Math.log10(signal / noise)).toBeGreaterThan(rounds ? 35 : 100);
    },
  );

  it.skipIf(!haveCases).each(['qdq', 'qoperator'])('%s.onnx as it was reported keeps its scales', async (name) => {
    const data = {
      values: () => Float32Array.from({ length: SAMPLES * 768 }, (_, i) => Math.sin(i)),
      shape: [16, 16, 3],
    };
    await opened(`${name}.onnx`, readCase(`${name}.onnx`), data);
    const { plan } = await fileOutputs(data);
    expect(Object.values(plan.activations).some(({ origin }) => origin === 'estimated')).toBe(false);
  });
});
