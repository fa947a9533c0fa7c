/** Models with operators that nobody here computes: what comes before them is quantized, they are handed on as they are. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles } from '../../cli/files';
import { readTflite } from '../../core/model-formats/tflite/read';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { Random } from '../../base/random';
import { toErrorInfo } from '../../base/errors';
import { GraphBuilder } from '../../core/graph/build';
import { tensorOf, type Graph, type TensorData } from '../../core/graph/graph';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { runDelivered } from '../export/delivered-file';
import { fileInputs } from '../session/file-runner';
import { liveTensors, TestSession } from '../../testing/builders/session';

const SPLIT = { seed: 3, calibrationSamples: 40, evaluationSamples: 40 };
const FLOAT_IO: QuantSettings = { ...DEFAULT_SETTINGS, io: 'float32' };

const studio = new TestSession();
let before = 0;
beforeAll(async () => {
  await studio.session.tfjs();
  before = liveTensors();
});
afterAll(() => expect(studio.close(before)).toBe(0));

const random = new Random(5, 0);
const normal = (count: number) => Float32Array.from({ length: count }, () => 0.4 * random.gaussian());

/** x → conv → relu ┬→ ATAN2 → conv → softmax, of which LiteRT runs all and Rangefinder what comes before ATAN2. */
function withAtan2(): Graph {
  const builder = new GraphBuilder('angles');
  const x = builder.input('x', [1, 6, 6, 2]);
  const attrs = { strides: [1, 1], padding: 'same', dilations: [1, 1], groups: 1 } as const;
  const conv = (name: string, from: string, inputs: number, outputs: number) =>
    builder.op(
      'conv2d',
      name,
      [
        from,
        builder.constant(`${name}/w`, normal(outputs * 9 * inputs), [outputs, 3, 3, inputs]),
        builder.constant(`${name}/b`, normal(outputs), [outputs]),
      ],
      attrs,
    )[0];
  const first = conv('first', x, 2, 4);
  const [bent] = builder.op('relu', 'bent', [first], {});
  const row = { opcodeIndex: 0, builtinOptionsType: 0, builtinOptions2Type: 0, customOptionsFormat: 0 };
  const [angle] = builder.op('opaque', 'angle', [bent, conv('other', x, 2, 4)], {
    operator: 'ATAN2',
    reason: 'it is not among the operators that are modelled',
    shapes: [[1, 6, 6, 4]],
    payload: { code: { deprecatedBuiltinCode: 127, builtinCode: 156, version: 1 }, row, intermediates: [] },
  });
  const second = conv('second', angle, 4, 3);
  const [pooled] = builder.op('mean', 'pooled', [second], { axes: [1, 2], keepDims: false });
  const [early] = builder.op('mean', 'early', [bent], { axes: [1, 2], keepDims: false });
  return builder.build([...builder.op('softmax', 'softmax', [pooled], { beta: 1 }), early]);
}

async function runInLiteRt(bytes: Uint8Array, input: TensorData): Promise<TensorData[]> {
  const model = (await studio.session.runtime()).load(bytes);
  try {
    return model.run([input]);
  } finally {
    model.dispose();
  }
}

describe('a model with an opaque op in the middle', () => {
  it('is said not to have run where the runtime refuses it', async () => {
    const graph = withAtan2();
    const file = writeTflite(graph).subarray(0, 200);
    const run = await runDelivered(studio.session, file, graph, graph, normal(72));
    expect(run).toMatchObject({ ran: false, finite: false });
    expect(run.inWords).toMatch(/^The whole file was not run, only the part computed here: /);
  });

  it('opens with all its layers, and says which are not computed', async () => {
    const view = await studio.run('openModel', { files: [{ path: 'a.tflite', bytes: writeTflite(withAtan2()) }] });
    expect(view.result.layers.map(({ name, notComputed }) => [name, notComputed ?? null])).toEqual([
      ['first', null],
      ['other', null],
      ['early', null],
      ['angle', 'ATAN2 is not computed here: it is not among the operators that are modelled'],
      ['second', 'it follows ATAN2 "angle", which is not computed here'],
      ['pooled', 'it follows ATAN2 "angle", which is not computed here'],
      ['softmax', 'it follows ATAN2 "angle", which is not computed here'],
    ]);
    expect(view.result).toMatchObject({ computable: true, unknownOutputs: ['softmax'] });
    expect(view.result.outputs.map(({ id }) => id)).toEqual(['softmax', 'early']);
  });

  it.each([
    ['int8', DEFAULT_SETTINGS],
    ['float', FLOAT_IO],
  ] as const)('%s inputs and outputs: the file holds all of it, and the runtime runs it', async (_io, settings) => {
    const float = writeTflite(withAtan2());
    await studio.run('openModel', { files: [{ path: 'a.tflite', bytes: float }] });
    await studio.run('randomData', SPLIT);
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings });
    expect(exported.keptFloat.map(({ op }) => op)).toEqual(['angle', 'second', 'pooled', 'softmax']);
    const { result: evaluation } = await studio.run('evaluate', { settings });
    expect(evaluation.layers.map(({ op }) => op)).toEqual(['first', 'other', 'early']);
    const { result: verification } = await studio.run('verify', { file: exported.bytes, compareSamples: 8 });
    expect(verification.runtime).toMatchObject({ mismatches: 0, maxLsb: 0 });
    expect(verification.delivered).toMatchObject({ ran: true, finite: true });
    expect(evaluation.outputSqnrDb).toBeGreaterThan(20);

    const graph = readTflite(exported.bytes, 'a_int8.tflite');
    expect(graph.ops.filter(({ kind }) => kind === 'opaque')).toHaveLength(1);
    expect(graph.outputs).toEqual(['softmax', 'early']);
    const input = normal(72);
    const [expected] = (await runInLiteRt(float, input)) as Float32Array[];
    const [actual] = (await runInLiteRt(exported.bytes, fileInputs(graph, input)[0])) as Float32Array[];
    expect(actual).toHaveLength(3);
    actual.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 1));
  });

  it('computes the same in float when it is joined again', async () => {
    const source = withAtan2();
    const float = writeTflite(source);
    await studio.run('openModel', { files: [{ path: 'a.tflite', bytes: float }] });
    const { writeWhole } = await import('../export/whole-file');
    const { graph, source: read } = studio.session.model;
    expect(graph.ops.map(({ kind }) => kind)).toEqual(['conv2d', 'conv2d', 'mean']);
    const input = normal(72);
    const [before, after] = [await runInLiteRt(float, input), await runInLiteRt(writeWhole(graph, read), input)];
    before.forEach((values, i) => values.forEach((v, k) => expect(Number(after[i][k])).toBeCloseTo(Number(v), 5)));
  });
});

describe('a model of which nothing can be computed', () => {
  it('opens, and every job says why it cannot work on it', async () => {
    const builder = new GraphBuilder('alone');
    const row = { opcodeIndex: 0, builtinOptionsType: 0, builtinOptions2Type: 0, customOptionsFormat: 0 };
    const code = { deprecatedBuiltinCode: 32, builtinCode: 32, version: 1, customCode: 'FlexErf' };
    const outputs = builder.op('opaque', 'erf', [builder.input('x', [1, 4])], {
      operator: 'CUSTOM FlexErf',
      reason: 'it is an operation of TensorFlow itself',
      shapes: [[1, 4]],
      payload: { code, row, intermediates: [] },
    });
    const bytes = writeTflite(builder.build(outputs));
    const { result: view } = await studio.run('openModel', { files: [{ path: 'alone.tflite', bytes }] });
    expect(view).toMatchObject({ computable: false, unknownOutputs: ['erf'], layers: [{ label: 'CUSTOM FlexErf' }] });
    for (const job of [
      () => studio.run('randomData', SPLIT),
      () => studio.run('calibrate', {}),
      () => studio.run('exportFile', { settings: DEFAULT_SETTINGS }),
    ])
      await expect(job().catch(toErrorInfo)).resolves.toMatchObject({
        code: 'unsupported-op',
        message: 'Nothing of alone can be computed here; it opens for viewing only.',
        details: ['CUSTOM FlexErf "erf": it is an operation of TensorFlow itself'],
      });
  });
});

describe.skipIf(!haveFixtures)('real models with opaque ops', () => {
  it('selfie segmentation: all but the custom upsampling and the sigmoid behind it are quantized', async () => {
    const files = modelFiles(fixturePath('tflite/mediapipe/selfie_segmentation.tflite'));
    const { result: view } = await studio.run('openModel', { files });
    expect(view.uncomputed).toEqual([
      {
        operator: 'CUSTOM Convolution2DTransposeBias',
        name: expect.any(String),
        reason: 'it comes with code of its own',
      },
    ]);
    await studio.run('randomData', { seed: 1, calibrationSamples: 2, evaluationSamples: 2 });
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings: FLOAT_IO });
    const { result: verification } = await studio.run('verify', { file: exported.bytes, compareSamples: 1 });
    expect(verification.runtime).toMatchObject({ mismatches: 0, maxLsb: 0 });
    expect(verification.delivered).toMatchObject({ ran: true, finite: true });
    expect(exported.bytes.length).toBeLessThan(0.5 * view.floatBytes);
    const graph = readTflite(exported.bytes, 'selfie_int8.tflite');
    const [custom] = graph.ops.filter(({ kind }) => kind === 'opaque');
    expect(tensorOf(graph, custom.inputs[0]!)).toMatchObject({ dtype: 'float32', shape: [1, 128, 128, 16] });
  });
});
