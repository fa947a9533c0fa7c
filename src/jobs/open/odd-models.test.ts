/** Models that are not a plain classifier: several inputs, layers without an int8 form, infinities, float borders. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipSync } from 'fflate';
import { modelFiles, sourceFiles } from '../../cli/files';
import { readTflite } from '../../core/model-formats/tflite/read';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { GraphBuilder } from '../../core/graph/build';
import { tensorOf, type Graph } from '../../core/graph/graph';
import { Random } from '../../base/random';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { writeNpy } from '../../testing/builders/npy-writer';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { linesGraph } from '../../testing/builders/small-model';

const SPLIT = { seed: 3, calibrationSamples: 40, evaluationSamples: 40 };
const FLOAT_IO: QuantSettings = { ...DEFAULT_SETTINGS, io: 'float32' };

const studio = new TestSession();
let before = 0;
beforeAll(async () => {
  await studio.session.tfjs();
  before = liveTensors();
});
afterAll(() => expect(studio.close(before)).toBe(0));

const random = new Random(11, 0);
const normal = (count: number, deviation = 0.4) =>
  Float32Array.from({ length: count }, () => deviation * random.gaussian());

function open(graph: Graph) {
  return studio.run('openModel', { files: [{ path: 'made.tflite', bytes: writeTflite(graph) }] });
}

/** Calibrated, quantized, evaluated and verified; what was exported, read back. */
async function takeThrough(settings: QuantSettings = DEFAULT_SETTINGS) {
  await studio.run('calibrate', {});
  const { result: exported } = await studio.run('exportFile', { settings });
  const { result: evaluation } = await studio.run('evaluate', { settings });
  const { result: verification } = await studio.run('verify', { file: exported.bytes, compareSamples: 8 });
  return { exported, evaluation, verification, graph: readTflite(exported.bytes, 'made_int8.tflite') };
}

/** Everything a file holds that is a number is one. */
function expectFinite(graph: Graph): void {
  for (const { id, data, quant } of graph.tensors.values()) {
    for (const scale of quant?.scale ?? [])
      expect({ id, scale, ok: scale > 0 && scale < Infinity }).toMatchObject({ ok: true });
    if (data instanceof Float32Array) expect({ id, finite: data.every(Number.isFinite) }).toEqual({ id, finite: true });
  }
}

/** conv → elu → conv: an operation without an int8 form between two that have one. */
function withElu(): Graph {
  const builder = new GraphBuilder('elu');
  const x = builder.input('x', [-1, 8, 8, 2]);
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
  const first = conv('first', x, 2, 6);
  const [bent] = builder.op('elu', 'bent', [first], {});
  const second = conv('second', bent, 6, 4);
  const [pooled] = builder.op('mean', 'pooled', [second], { axes: [1, 2], keepDims: false });
  return builder.build(builder.op('softmax', 'softmax', [pooled], { beta: 1 }));
}

/** A picture and a vector come together. */
function twoInputs(): Graph {
  const builder = new GraphBuilder('two');
  const a = builder.input('a', [-1, 4]);
  const b = builder.input('b', [-1, 6]);
  const dense = (name: string, from: string, inputs: number, outputs: number) =>
    builder.op(
      'fullyConnected',
      name,
      [from, builder.constant(`${name}/w`, normal(inputs * outputs), [outputs, inputs]), null],
      { keepDims: false },
      { activation: 'relu' },
    )[0];
  const [both] = builder.op('concat', 'both', [dense('left', a, 4, 5), dense('right', b, 6, 5)], { axis: 1 });
  return builder.build(builder.op('softmax', 'softmax', [dense('head', both, 10, 4)], { beta: 1 }));
}

/** 12 values through 3 and back. */
function autoencoder(): Graph {
  const builder = new GraphBuilder('autoencoder');
  const x = builder.input('x', [-1, 12]);
  const dense = (name: string, from: string, inputs: number, outputs: number, activation: 'relu' | 'none') =>
    builder.op(
      'fullyConnected',
      name,
      [
        from,
        builder.constant(`${name}/w`, normal(inputs * outputs), [outputs, inputs]),
        builder.constant(`${name}/b`, normal(outputs), [outputs]),
      ],
      { keepDims: false },
      { activation },
    )[0];
  return builder.build([dense('decode', dense('encode', x, 12, 3, 'relu'), 3, 12, 'none')]);
}

/** Values compared, chosen, ordered and counted; outputs that are positions have no scale. */
function choosing(): Graph {
  const builder = new GraphBuilder('choosing');
  const weights = builder.constant('w', normal(6 * 8), [8, 6]);
  const [scores] = builder.op('fullyConnected', 'scores', [builder.input('x', [-1, 6]), weights, null], {
    keepDims: false,
  });
  const [high] = builder.op('greater', 'high', [scores, builder.constant('bar', [0.2], [])], {});
  const [chosen] = builder.op('select', 'chosen', [high, scores, builder.constant('low', [-1], [])], {});
  const [turned] = builder.op('reverse', 'turned', [chosen], { axes: [1] });
  const [best, places] = builder.op('topK', 'best', [turned], { k: 3 });
  const [first] = builder.op('argMax', 'first', [scores], { axis: 1, to: 'int32' });
  return builder.build([best, places, first]);
}

describe('ops that choose', () => {
  it('run on codes, the comparison in float, and no element differs in the runtime', async () => {
    await open(choosing());
    await studio.run('randomData', SPLIT);
    const { exported, verification, graph } = await takeThrough();
    expect(exported.keptFloat.map(({ op }) => op)).toEqual(['high']);
    expect(graph.outputs.map((id) => tensorOf(graph, id).dtype)).toEqual(['int8', 'int32', 'int32']);
    expect(verification.runtime).toMatchObject({ mismatches: 0, maxLsb: 0 });
    const compared = verification.runtime.tensors.map(({ tensor }) => tensor);
    expect(compared).toEqual(['scores', 'chosen', 'turned', 'best:0', 'best:1', 'first']);
  });
});

describe('a layer without an int8 form', () => {
  it('stays in float between DEQUANTIZE and QUANTIZE, said so, and no element differs in the runtime', async () => {
    await open(withElu());
    await studio.run('randomData', SPLIT);
    const { exported, evaluation, verification, graph } = await takeThrough();
    expect(exported.keptFloat).toEqual([{ op: 'bent', reason: expect.stringContaining('ELU') }]);
    expect(graph.ops.map(({ kind }) => kind)).toEqual([
      'conv2d',
      'dequantize',
      'elu',
      'quantize',
      'conv2d',
      'mean',
      'softmax',
    ]);
    expect(verification.runtime).toMatchObject({ mismatches: 0, maxLsb: 0 });
    const integer = verification.runtime.tensors.map(({ tensor }) => tensor);
    expect(integer).toEqual(['first', 'bent_int8', 'second', 'pooled', 'softmax']);
    expect(evaluation.outputSqnrDb).toBeGreaterThan(15);
  });

  it('by choice: the layer computes with float weights', async () => {
    await open(withElu());
    await studio.run('randomData', SPLIT);
    const settings = { ...DEFAULT_SETTINGS, layers: { second: { keepFloat: true } } };
    const { exported, verification, graph } = await takeThrough(settings);
    expect(exported.keptFloat.map(({ op }) => op).sort()).toEqual(['bent', 'second']);
    const second = graph.ops.filter(({ kind }) => kind === 'conv2d')[1];
    expect(tensorOf(graph, second.inputs[1]!).dtype).toBe('float32');
    expect(verification.runtime.mismatches).toBe(0);
  });
});

describe('float inputs and outputs', () => {
  it('put QUANTIZE and DEQUANTIZE at the borders of the same integer network', async () => {
    await open(linesGraph());
    await studio.run('randomData', SPLIT);
    const whole = await takeThrough();
    const bordered = await takeThrough(FLOAT_IO);
    const types = ({ inputs, outputs, tensors }: Graph) => [...inputs, ...outputs].map((id) => tensors.get(id)!.dtype);
    expect(types(whole.graph)).toEqual(['int8', 'int8']);
    expect(types(bordered.graph)).toEqual(['float32', 'float32']);
    expect(bordered.graph.ops.map(({ kind }) => kind)).toEqual([
      'quantize',
      ...whole.graph.ops.map(({ kind }) => kind),
      'dequantize',
    ]);
    expect(bordered.verification.runtime.mismatches).toBe(0);
    expect(bordered.verification.file).toEqual(whole.verification.file);
  });
});

/** A dense layer that is fed a constant in place of what precedes it; with `also`, a second output hangs on the input. */
function constantOutput(also: boolean): Graph {
  const builder = new GraphBuilder('constant');
  const x = builder.input('x', [-1, 6]);
  const dense = (name: string, from: string, inputs: number, outputs: number) =>
    builder.op(
      'fullyConnected',
      name,
      [from, builder.constant(`${name}/w`, normal(inputs * outputs), [outputs, inputs]), null],
      { keepDims: false },
    )[0];
  const [fixed] = builder.op('softmax', 'fixed', [dense('dense', builder.constant('c', normal(4), [1, 4]), 4, 3)], {
    beta: 1,
  });
  return builder.build(also ? [dense('moving', x, 6, 5), fixed] : [fixed]);
}

describe('outputs that hang on no input', () => {
  it('are refused where there is no other', async () => {
    await expect(open(constantOutput(false))).rejects.toMatchObject({
      code: 'invalid-graph',
      message: 'No output of made depends on an input: it gives the same answer whatever it is fed.',
      where: 'made.tflite',
    });
  });

  it('beside others work', async () => {
    await open(constantOutput(true));
    await studio.run('randomData', SPLIT);
    const { verification } = await takeThrough();
    expect(verification.runtime.mismatches).toBe(0);
    expect(verification.file.value).toBeGreaterThan(20);
  });
});

describe('several inputs', () => {
  it('are fed side by side from random data', async () => {
    const { result } = await open(twoInputs());
    expect(result.inputs.map(({ id }) => id)).toEqual(['a', 'b']);
    await studio.run('randomData', SPLIT);
    for (const settings of [DEFAULT_SETTINGS, FLOAT_IO]) {
      const { evaluation, verification } = await takeThrough(settings);
      // Noise has no right answers: what is measured is how close the outputs stay.
      // Rounding the output alone gives 47 dB, by steps of 1/256 and four classes of 1/4 each at the least.
      expect(evaluation.float).toMatchObject({ metric: 'sqnr', value: Infinity, samples: 40 });
      expect(evaluation.quantized.value).toBeGreaterThan(25);
      expect(verification.runtime.mismatches).toBe(0);
      expect(verification.file.value).toBeCloseTo(evaluation.quantized.value, 0);
    }
  });
});

describe('an autoencoder', () => {
  const bytes = () => {
    const x = Array.from(normal(80 * 12, 1));
    return zipSync({
      'x.npy': writeNpy({ descr: '<f4', shape: [80, 12], values: x }),
      'y.npy': writeNpy({ descr: '<f4', shape: [80, 12], values: x }),
    });
  };

  it('is measured by the SQNR of its output where there is nothing to compare with', async () => {
    await open(autoencoder());
    await studio.run('randomData', SPLIT);
    const { evaluation, verification } = await takeThrough();
    expect(evaluation.float).toMatchObject({ metric: 'sqnr', value: Infinity });
    expect(evaluation.quantized.value).toBeCloseTo(evaluation.outputSqnrDb, 6);
    expect(verification.file.value).toBeCloseTo(evaluation.quantized.value, 0);
    expect(verification.runtime.mismatches).toBe(0);
    const { result } = await studio.run('sensitivity', { settings: DEFAULT_SETTINGS, samples: 20 });
    expect(result.map(({ op }) => op).sort()).toEqual(['decode', 'encode']);
  });

  it('is measured by the variance it explains where targets are given', async () => {
    await open(autoencoder());
    await studio.run('openData', { files: [{ path: 'xy.npz', bytes: bytes() }], ...SPLIT });
    const { evaluation, verification } = await takeThrough();
    expect(evaluation.float.metric).toBe('r2');
    const { rmse, r2 } = evaluation.float.figures!;
    // R² = 1 − RMSE² / variance, and the targets are drawn with a variance of about one.
    expect(1 - rmse! ** 2).toBeCloseTo(r2!, 0);
    // What rounding adds is small against what the untrained network gets wrong.
    expect(Math.sqrt((1 - verification.file.value) / (1 - r2!))).toBeCloseTo(1, 1);
  });
});

describe('numbers that are none', () => {
  /** One infinite and one NaN weight, and a channel of zeros. */
  function poisoned(): Graph {
    const graph = linesGraph();
    const tensors = new Map(graph.tensors);
    const weights = tensorOf(graph, 'conv/w');
    const data = (weights.data as Float32Array).slice();
    data[0] = Infinity;
    data[9] = NaN;
    data.fill(0, 18, 27);
    tensors.set('conv/w', { ...weights, data });
    return { ...graph, tensors };
  }

  it('among the weights are counted when the model opens, and no file made of it gets a score', async () => {
    const graph = poisoned();
    await open(graph);
    const counted = `NaN or infinity in one constant: conv/w (2 of ${tensorOf(graph, 'conv/w').data!.length} values).`;
    expect(studio.session.model.view.notes).toContain(counted);
    await studio.run('randomData', SPLIT);
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
    expectFinite(readTflite(exported.bytes, 'made_int8.tflite'));
    const refused = { code: 'invalid-graph', where: 'conv/w', details: expect.arrayContaining([counted]) as unknown };
    await expect(studio.run('evaluate', { settings: DEFAULT_SETTINGS })).rejects.toMatchObject(refused);
    await expect(studio.run('verify', { file: exported.bytes, compareSamples: 8 })).rejects.toMatchObject(refused);
  });

  it('among the data end in finite scales', async () => {
    await open(autoencoder());
    const values = Array.from(normal(80 * 12, 1));
    values[5] = Infinity;
    values[500] = NaN;
    const x = writeNpy({ descr: '<f4', shape: [80, 12], values });
    await studio.run('openData', { files: [{ path: 'x.npy', bytes: x }], ...SPLIT });
    const { graph, verification } = await takeThrough();
    expectFinite(graph);
    expect(verification.runtime.mismatches).toBe(0);
    const stats = Object.values(studio.session.calibration.activations);
    expect(stats.every(({ min, max }) => Number.isFinite(min) && Number.isFinite(max))).toBe(true);
  });

  it('all zeros: a model without any signal still makes a file that runs', async () => {
    const graph = autoencoder();
    const tensors = new Map(
      [...graph.tensors].map(([id, t]) => [id, t.data ? { ...t, data: new Float32Array(t.data.length) } : t]),
    );
    await open({ ...graph, tensors });
    await studio.run('randomData', SPLIT);
    const { graph: made, verification } = await takeThrough();
    expectFinite(made);
    expect(verification.runtime.mismatches).toBe(0);
  });
});

describe.skipIf(!haveFixtures)('broken fixtures that load', () => {
  const openBroken = async (name: string) => {
    await studio.run('openModel', { files: modelFiles(fixturePath(`broken/derived/${name}.tflite`)) });
    await studio.run('openData', { files: sourceFiles(fixturePath('datasets/cifar10_jpg/test')), ...SPLIT });
  };

  it.each(['resnet_all_zero_weights', 'resnet_40bitflips'])(
    '%s goes all the way, without a NaN in the file',
    async (name) => {
      await openBroken(name);
      const { graph, verification } = await takeThrough();
      expectFinite(graph);
      expect(verification.runtime.mismatches).toBe(0);
      expect(Number.isFinite(verification.file.value)).toBe(true);
    },
  );

  it('resnet_inf_weights makes a file without a NaN, and has no score', async () => {
    await openBroken('resnet_inf_weights');
    await studio.run('calibrate', {});
    const { result: exported } = await studio.run('exportFile', { settings: DEFAULT_SETTINGS });
    expectFinite(readTflite(exported.bytes, 'made_int8.tflite'));
    const evaluation = studio.run('evaluate', { settings: DEFAULT_SETTINGS });
    // LiteRT answers NaN for every image.
    await expect(evaluation).rejects.toMatchObject({ code: 'invalid-graph', where: 'model/conv2d_7/Conv2D' });
  });
});
