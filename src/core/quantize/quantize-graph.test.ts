import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareWithRuntime } from '../../engine/integer/compare';
import { IntegerModel } from '../../engine/integer/model';
import { xnnpack } from '../../engine/integer/profiles/xnnpack';
import { affine, bootLiteRt, Dice } from '../../testing/oracles/litert-oracle';
import { minMaxPlan, runFloat } from '../../testing/oracles/minmax-plan';
import { GraphBuilder } from '../graph/build';
import { elementCount, tensorOf, type Graph, type TensorData } from '../graph/graph';
import { validateGraph } from '../graph/validate';
import { INT8_ACTIVATION, INT8_WEIGHT } from '../number-formats/format';
import { quantizeBias, quantizeConstant } from './quantize-constants';
import { quantizeGraph } from './quantize-graph';
import { DEFAULT_SETTINGS, type QuantSettings } from './settings';

const FLOAT_IO: QuantSettings = { ...DEFAULT_SETTINGS, io: 'float32' };

/** Plans from four random samples, quantizes, checks every tensor against the runtime; gives the quantized graph back. */
async function quantizeAndCompare(float: Graph, settings: QuantSettings, keepFloat: string[] = []): Promise<Graph> {
  const runtime = await bootLiteRt();
  const dice = new Dice(11);
  const random = (graph: Graph): TensorData[] =>
    graph.inputs.map((id) => {
      const { shape, dtype } = tensorOf(graph, id);
      if (dtype === 'int8') return dice.codes(elementCount(shape));
      return Float32Array.from({ length: elementCount(shape) }, () => dice.real(-3, 3));
    });
  const samples = Array.from({ length: 4 }, () => random(float) as Float32Array[]);
  const graph = quantizeGraph(float, minMaxPlan(float, runFloat(runtime, float, samples), keepFloat), settings);
  validateGraph(graph);
  const rows = await compareWithRuntime(
    graph,
    runtime,
    xnnpack,
    Array.from({ length: 4 }, () => random(graph)),
  );
  expect(rows.filter((row) => row.mismatches > 0)).toEqual([]);
  return graph;
}

function builder() {
  const b = new GraphBuilder('net');
  const dice = new Dice(7);
  const weights = (name: string, shape: number[]) =>
    b.constant(
      name,
      Float32Array.from({ length: elementCount(shape) }, () => dice.real(-0.5, 0.5)),
      shape,
    );
  const conv = (name: string, x: string, filter: string, bias: string | null, activation: 'none' | 'relu' = 'none') =>
    b.op('conv2d', name, [x, filter, bias], { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 }, {
      activation,
    })[0]; // prettier-ignore
  return { b, weights, conv };
}

const kinds = (graph: Graph) => graph.ops.map((op) => op.kind);

describe('quantizeGraph', () => {
  it('requantizes what a concatenation joins at another scale, once, and leaves the rest alone', async () => {
    const { b, weights, conv } = builder();
    const x = b.input('x', [-1, 6, 6, 3]);
    const left = conv('left', x, weights('wl', [4, 3, 3, 3]), weights('bl', [4]), 'relu');
    const [joined] = b.op('concat', 'joined', [left, x], { axis: 3 });
    const [pooled] = b.op('maxPool2d', 'pooled', [joined], { filter: [2, 2], strides: [2, 2], padding: 'valid' });
    const graph = await quantizeAndCompare(b.build([pooled]), DEFAULT_SETTINGS);
    const concat = graph.ops.find((op) => op.kind === 'concat')!;
    for (const id of concat.inputs)
      expect(tensorOf(graph, id!).quant).toEqual(tensorOf(graph, concat.outputs[0]).quant);
    expect(kinds(graph).filter((kind) => kind === 'quantize').length).toBeGreaterThanOrEqual(1);
    expect(kinds(graph).filter((kind) => kind !== 'quantize')).toEqual(['conv2d', 'concat', 'maxPool2d']);
  });

  it('quantizes constant operands from their own values, and at the output scale where that is the rule', async () => {
    const { b, weights } = builder();
    const x = b.input('x', [-1, 4, 4, 3]);
    const [sum] = b.op('add', 'sum', [x, weights('offset', [3])], {});
    const [product] = b.op('mul', 'product', [sum, weights('gain', [4, 4, 3])], {});
    const [leaky] = b.op('prelu', 'leaky', [product, weights('alpha', [1, 1, 3])], {});
    const graph = await quantizeAndCompare(b.build([leaky]), FLOAT_IO);
    expect(kinds(graph)).toEqual(['quantize', 'add', 'mul', 'prelu', 'dequantize']);
    for (const id of ['offset', 'gain', 'alpha']) {
      const { data, quant, dtype } = tensorOf(graph, id);
      const values = tensorOf(b.build([leaky]), id).data as Float32Array;
      expect(dtype).toBe('int8');
      values.forEach((value, i) => {
        const real = quant!.scale[0] * (Number(data![i]) - quant!.zeroPoint[0]);
        expect(Math.abs(real - value)).toBeLessThanOrEqual(quant!.scale[0] * 0.5001);
      });
    }
  });

  it('keeps names of inputs and outputs, whatever their type, and gives the other form another', async () => {
    const { b, weights } = builder();
    const x = b.input('x', [-1, 5]);
    const [y] = b.op('fullyConnected', 'y', [x, weights('w', [3, 5]), weights('bias', [3])], { keepDims: false });
    const float = b.build([y]);
    const outside = await quantizeAndCompare(float, FLOAT_IO);
    expect([tensorOf(outside, 'x').dtype, tensorOf(outside, 'y').dtype]).toEqual(['float32', 'float32']);
    expect(outside.ops.map((op) => [...op.inputs.slice(0, 1), ...op.outputs])).toEqual([
      ['x', 'x_int8'],
      ['x_int8', 'y_int8'],
      ['y_int8', 'y'],
    ]);
    const inside = await quantizeAndCompare(float, DEFAULT_SETTINGS);
    expect(inside.ops.map((op) => [...op.inputs.slice(0, 1), ...op.outputs])).toEqual([['x', 'y']]);
    expect(inside.provenance).toBe(float.provenance);
  });

  it('leaves ops without a rule in float, between one dequantize and one quantize however many read them', async () => {
    const { b, weights } = builder();
    const x = b.input('x', [-1, 8]);
    const fc = (name: string, input: string) =>
      b.op('fullyConnected', name, [input, weights(`w_${name}`, [8, 8]), null], { keepDims: false })[0];
    const [elu] = b.op('elu', 'elu', [fc('first', x)], {});
    const [a, c] = [fc('second', elu), fc('third', elu)];
    const [sum] = b.op('add', 'sum', [a, c], {});
    const graph = await quantizeAndCompare(b.build([sum]), DEFAULT_SETTINGS);
    expect(kinds(graph)).toEqual([
      'fullyConnected',
      'dequantize',
      'elu',
      'quantize',
      'fullyConnected',
      'fullyConnected',
      'add',
    ]);
    expect(IntegerModel.load(graph, xnnpack).needs()).toEqual(['elu']);
    expect(tensorOf(graph, 'elu').dtype).toBe('float32');
  });

  it.each(['one', 'two', 'three'])(
    'gives a constant that ops share one tensor in float and one in integers, %s in float',
    async (kept) => {
      const { b, weights, conv } = builder();
      const x = b.input('x', [-1, 4, 4, 3]);
      const [filter, bias] = [weights('w', [3, 3, 3, 3]), weights('bias', [3])];
      const [offset, gain] = [weights('offset', [3]), weights('gain', [3])];
      const one = conv('one', x, filter, bias);
      const two = conv('two', b.op('add', 'sum', [one, offset], {})[0], filter, bias);
      const three = conv('three', b.op('mul', 'product', [two, gain], {})[0], filter, bias);
      const graph = await quantizeAndCompare(b.build([three]), DEFAULT_SETTINGS, [
        kept,
        kept === 'one' ? 'sum' : 'product',
      ]);
      const filters = graph.ops.filter((op) => op.kind === 'conv2d').map((op) => op.inputs[1]);
      expect(new Set(filters).size).toBe(2);
      expect(filters.map((id) => tensorOf(graph, id!).dtype)).toEqual(
        ['one', 'two', 'three'].map((name) => (name === kept ? 'float32' : 'int8')),
      );
    },
  );

  it.each([DEFAULT_SETTINGS, FLOAT_IO])('leaves the first and the last op in float, io $io', async (settings) => {
    const { b, weights, conv } = builder();
    const x = b.input('x', [-1, 4, 4, 2]);
    const first = conv('first', x, weights('w1', [3, 1, 1, 2]), null);
    const middle = conv('middle', first, weights('w2', [3, 3, 3, 3]), weights('b2', [3]));
    const last = conv('last', middle, weights('w3', [2, 1, 1, 3]), null);
    const graph = await quantizeAndCompare(b.build([last]), settings, ['first', 'last']);
    const borders =
      settings.io === 'int8' ? { before: ['dequantize'], after: ['quantize'] } : { before: [], after: [] };
    const core = ['conv2d', 'quantize', 'conv2d', 'dequantize', 'conv2d'];
    expect(kinds(graph)).toEqual([...borders.before, ...core, ...borders.after]);
    expect(tensorOf(graph, 'w1').dtype).toBe('float32');
    expect(tensorOf(graph, 'w2').dtype).toBe('int8');
    for (const id of [...graph.inputs, ...graph.outputs]) expect(tensorOf(graph, id).dtype).toBe(settings.io);
  });

  it('gives two ops that share weights and bias a bias each: their input scales differ', async () => {
    const { b, weights } = builder();
    const x = b.input('x', [-1, 6]);
    const [w, bias] = [weights('w', [6, 6]), weights('bias', [6])];
    const [once] = b.op('fullyConnected', 'once', [x, w, bias], { keepDims: false });
    const [twice] = b.op('fullyConnected', 'twice', [once, w, bias], { keepDims: false });
    const graph = await quantizeAndCompare(b.build([twice]), DEFAULT_SETTINGS);
    const [first, second] = graph.ops;
    expect(first.inputs[1]).toBe(second.inputs[1]);
    expect(first.inputs[2]).not.toBe(second.inputs[2]);
    for (const op of [first, second]) {
      const scale = tensorOf(graph, op.inputs[0]!).quant!.scale[0];
      const weightScales = tensorOf(graph, w).quant!.scale;
      expect(tensorOf(graph, op.inputs[2]!).quant!.scale).toEqual(weightScales.map((s) => s * scale));
    }
  });

  it('splits at one scale and converts the pieces that the plan has at another', async () => {
    const { b } = builder();
    const x = b.input('x', [-1, 4, 6]);
    const [left, right] = b.op('split', 'parts', [x], { axis: 2, sizes: [2, 4] });
    const [wide] = b.op('pad', 'wide', [left], { paddings: [[0, 0], [0, 0], [1, 1]], value: 0 }); // prettier-ignore
    const [sum] = b.op('sub', 'sum', [wide, right], {});
    const float = b.build([sum]);
    await quantizeAndCompare(float, DEFAULT_SETTINGS);
    const plan = minMaxPlan(float, [new Map([...float.tensors.keys()].map((id) => [id, Float32Array.of(-1, 2)]))]);
    const other = { ...plan.activations[right], params: affine(0.5, 0) };
    const graph = quantizeGraph(
      float,
      { ...plan, activations: { ...plan.activations, [right]: other } },
      DEFAULT_SETTINGS,
    );
    validateGraph(graph);
    expect(kinds(graph)).toEqual(['split', 'quantize', 'pad', 'sub']);
    expect(tensorOf(graph, right).quant).toEqual(affine(0.5, 0));
  });

  it('refuses a plan that does not cover the graph, and ops that should have been folded', () => {
    const { b, weights } = builder();
    const x = b.input('x', [-1, 4]);
    const statistics = ['gamma', 'beta', 'mean', 'variance'].map((name) => weights(name, [4]));
    const [y] = b.op('batchNorm', 'norm', [x, ...statistics], { epsilon: 1e-3 });
    const [z] = b.op('relu', 'z', [y], {});
    const graph = b.build([z]);
    const plan = { activations: {}, weights: {}, keptFloat: [], notes: [] };
    expect(() => quantizeGraph(graph, plan, DEFAULT_SETTINGS)).toThrow(
      expect.objectContaining({ code: 'invalid-settings', where: 'x' }),
    );
    const covered = minMaxPlan(graph, [new Map([...graph.tensors.keys()].map((id) => [id, Float32Array.of(-1, 1)]))]);
    expect(() => quantizeGraph(graph, covered, DEFAULT_SETTINGS)).toThrow(
      expect.objectContaining({ code: 'invalid-graph', where: 'norm' }),
    );
  });
});

describe('constants', () => {
  it('takes each channel along its own dimension, to the nearest code, and never uses -128', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 }),
        fc.constantFrom(0, 1, 2),
        (values, axis) => {
          const shape = [2, 3, 4];
          const scale = Float32Array.from({ length: shape[axis] }, (_, c) => 0.004 * (c + 1));
          const params = { scale, zeroPoint: new Int32Array(scale.length), quantizedDimension: axis };
          const data = Float32Array.from(values);
          const { data: codes } = quantizeConstant({ id: 'w', dtype: 'float32', shape, data }, params, INT8_WEIGHT);
          data.forEach((value, i) => {
            const index = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4][axis];
            const code = Number(codes![i]);
            const wanted = value / scale[index];
            if (Math.abs(wanted) < 127) expect(Math.abs(code - wanted)).toBeLessThanOrEqual(0.50001);
            else expect(code).toBe(127 * Math.sign(wanted));
          });
        },
      ),
    );
  });

  it('uses all codes for operands', () => {
    const tensor = { id: 'c', dtype: 'float32' as const, shape: [2], data: Float32Array.of(-1.28, 1.27) };
    expect(quantizeConstant(tensor, affine(0.01, 0), INT8_ACTIVATION).data).toEqual(Int8Array.of(-128, 127));
  });

  it('gives a bias the accumulator scale, saturates it, and makes zeros where there is none', () => {
    const weights = { scale: Float32Array.of(0.5, 0.25), zeroPoint: new Int32Array(2), quantizedDimension: 3 };
    const bias = { id: 'b', dtype: 'float32' as const, shape: [2], data: Float32Array.of(1, -1e12) };
    const { data, quant } = quantizeBias('b', bias, 2, 0.1, weights);
    expect(data).toEqual(Int32Array.of(20, -(2 ** 31 - 1)));
    expect(quant!.scale).toEqual(Float32Array.of(Math.fround(0.1) * 0.5, Math.fround(0.1) * 0.25));
    expect(quantizeBias('b', null, 3, 0.1, { ...weights, scale: Float32Array.of(1) }).data).toEqual(new Int32Array(3));
  });

  it('leaves out bounds that lie outside int32 at the scale of what they bound', () => {
    const { b, weights } = builder();
    const x = b.input('x', [1, 4, 4, 2]);
    const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
    const conv = (name: string, activation: 'relu6' | 'reluN1To1') =>
      b.op('conv2d', name, [x, weights(`${name}/w`, [2, 1, 1, 2]), null], attrs, { activation })[0];
    const float = b.build([conv('six', 'relu6'), conv('one', 'reluN1To1'), conv('plain', 'relu6')]);
    const planned = (tensor: string, scale: number, zeroPoint: number) => ({
      tensor,
      range: { min: 0, max: 255 * scale },
      params: affine(scale, zeroPoint),
      origin: 'estimated' as const,
    });
    const plan = {
      // 6 / 2^-29 and 1 / 2^-31 are more than int32 holds, 6 / 2^-28 is not.
      activations: {
        x: planned('x', 1, 0),
        six: planned('six', 2 ** -29, -128),
        one: planned('one', 2 ** -31, 0),
        plain: planned('plain', 2 ** -28, -128),
      },
      weights: Object.fromEntries(
        ['six/w', 'one/w', 'plain/w'].map((tensor) => [
          tensor,
          { tensor, op: tensor.slice(0, -2), ranges: [], params: affine(0.01, 0), origin: 'estimated' as const },
        ]),
      ),
      keptFloat: [],
      notes: [],
    };
    expect(quantizeGraph(float, plan, DEFAULT_SETTINGS).ops.map(({ activation }) => activation)).toEqual(['relu', 'none', 'relu6']); // prettier-ignore
  });
});
