import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RangefinderError } from '../../base/errors';
import type { TensorData } from '../../core/graph/graph';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { BUILD_FILES, LITERT_VERSION, supportsRelaxedSimd, type LiteRtBuild } from './host';
import type { LiteRtModel } from './model';
import { nodeHost } from './node-host';
import { pinSymbolicShapes } from './pin-shapes';
import { LiteRt } from './runtime';

const IC = 'mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite';

function zeros(model: LiteRtModel): TensorData[] {
  const arrays = { int8: Int8Array, uint8: Uint8Array, float32: Float32Array, int32: Int32Array } as const;
  return model.inputs.map((t) => {
    const array = arrays[t.dtype as keyof typeof arrays];
    return new array(t.bytes / array.BYTES_PER_ELEMENT);
  });
}

function errorOf(action: () => unknown): RangefinderError {
  try {
    action();
  } catch (thrown) {
    return thrown as RangefinderError;
  }
  throw new Error('nothing was thrown');
}

it('names the version that is installed', () => {
  const manifest = new URL('../../../node_modules/@litertjs/core/package.json', import.meta.url);
  expect((JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version).toBe(LITERT_VERSION);
});

it('refuses what is no flatbuffer before the runtime sees it', () => {
  expect(errorOf(() => pinSymbolicShapes(new Uint8Array(3))).code).toBe('corrupt-file');
  expect(errorOf(() => pinSymbolicShapes(new Uint8Array(64).fill(0x7f))).code).toBe('corrupt-file');
});

describe.skipIf(!haveFixtures)('LiteRT.js in Node', () => {
  let runtime: LiteRt;
  beforeAll(async () => {
    runtime = await LiteRt.boot(nodeHost(undefined, 'compat'));
  });

  it('runs the int8 ResNet', () => {
    const model = runtime.load(readFixture(IC));
    expect(runtime.name).toBe('LiteRT.js 2.5.3 (compat)');
    expect(model.inputs).toEqual([{ name: 'input_1_int8', dtype: 'int8', shape: [1, 32, 32, 3], bytes: 3072 }]);
    expect(model.outputs).toEqual([{ name: 'Identity_int8', dtype: 'int8', shape: [1, 10], bytes: 10 }]);
    const [scores] = model.run([new Int8Array(3072)]);
    expect(scores).toBeInstanceOf(Int8Array);
    // softmax: probabilities in units of 1/256 with zero point -128 add up to one
    expect(Math.abs((scores as Int8Array).reduce((sum, q) => sum + q + 128, 0) - 256)).toBeLessThanOrEqual(5);
    expect(model.latency([new Int8Array(3072)], 5)).toBeGreaterThan(0);
    model.dispose();
  });

  it('does not grow over many runs and loads', () => {
    const bytes = readFixture(IC);
    const round = (runs: number) => {
      const model = runtime.load(bytes);
      for (let i = 0; i < runs; i++) model.run([new Int8Array(3072)]);
      model.dispose();
    };
    for (let i = 0; i < 5; i++) round(100);
    const before = runtime.heapBytes;
    for (let i = 0; i < 50; i++) round(10);
    round(500);
    expect(runtime.heapBytes).toBe(before);
  });

  it('loads a file with an open batch, as one sample', () => {
    const model = runtime.load(readFixture('tflite/tflm/hello_world_int8.tflite'));
    expect(model.inputs[0].shape).toEqual([1, 1]);
    // It approximates a sine over one period, so its codes rise, fall below the start and return.
    const at = (turn: number) => (model.run([Int8Array.of(Math.round(turn * 255) - 128)])[0] as Int8Array)[0];
    expect(at(0.25)).toBeGreaterThan(at(0) + 50);
    expect(at(0.75)).toBeLessThan(at(0) - 50);
    model.dispose();
  });

  it.each([
    ['broken/coral_model_invoking_error.tflite', /fake-op-double/],
    ['conformance/litert_tflite_testdata/multi_add_flex.bin', /Select TensorFlow op/],
    ['broken/derived/resnet_zeros_middle.tflite', /dims->size/],
  ])('raises the reason stderr gave when a run fails: %s', (path, reason) => {
    const model = runtime.load(readFixture(path));
    const error = errorOf(() => model.run(zeros(model)));
    expect(error.code).toBe('runtime-failed');
    expect(error.message).toMatch(reason);
    expect(errorOf(() => model.run(zeros(model))).code).toBe('runtime-failed');
    model.dispose();
  });

  it.each([
    ['tflite/tflm/person_detect.tflite', 'runtime-failed', /quantized_dimension/],
    ['tflite/tflm/trained_lstm_int8.tflite', 'runtime-failed', /Variable tensors/],
    ['broken/derived/resnet_wrong_identifier.tflite', 'runtime-failed', /Failed to load/],
    ['broken/derived/resnet_first16bytes.tflite', 'corrupt-file', /truncated/],
    ['onnx/matmul_tiny.onnx', 'corrupt-file', /no TensorFlow Lite model/],
  ])('refuses what it cannot load: %s', (path, code, reason) => {
    const error = errorOf(() => runtime.load(readFixture(path)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(reason);
  });

  it('refuses inputs of the wrong number, type or length', () => {
    const model = runtime.load(readFixture(IC));
    for (const inputs of [[], [new Float32Array(3072)], [new Int8Array(3071)]])
      expect(errorOf(() => model.run(inputs)).code).toBe('invalid-data');
    model.dispose();
  });

  it('survives failures and still gives the same answers', () => {
    const model = runtime.load(readFixture(IC));
    const input = Int8Array.from({ length: 3072 }, (_, i) => (i * 37) % 256);
    const first = model.run([input])[0];
    const broken = runtime.load(readFixture('broken/coral_model_invoking_error.tflite'));
    errorOf(() => broken.run(zeros(broken)));
    broken.dispose();
    expect(model.run([input])[0]).toEqual(first);
    model.dispose();
  });

  it('knows when the module aborted', async () => {
    const doomed = await LiteRt.boot(nodeHost(undefined, 'compat'));
    const error = errorOf(() => doomed.load(readFixture('conformance/litert_tflite_testdata/no_subgraphs.bin')));
    expect(error.code).toBe('runtime-failed');
    expect(doomed.dead).toBe(true);
    expect(errorOf(() => doomed.load(readFixture(IC))).hint).toMatch(/started again/);
  });

  it('gives the same int8 answers in both builds', async () => {
    setFlagsFromString('--experimental-wasm-relaxed-simd');
    onTestFinished(() => setFlagsFromString('--no-experimental-wasm-relaxed-simd'));
    const builds = Object.keys(BUILD_FILES) as LiteRtBuild[];
    const answers = [];
    for (const build of builds) {
      const model = (await LiteRt.boot(nodeHost(undefined, build))).load(readFixture(IC));
      answers.push(model.run([Int8Array.from({ length: 3072 }, (_, i) => (i * 101) % 256)])[0]);
    }
    expect(supportsRelaxedSimd()).toBe(true);
    expect(answers[1]).toEqual(answers[0]);
  });
});
