import { memory } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { GraphBuilder } from '../../core/graph/build';
import { tensorOf, type Graph, type QuantParams, type TensorId } from '../../core/graph/graph';
import type { QuantPlan } from '../../core/quantize/plan';
import { runNaive } from '../../testing/oracles/naive-float';
import { initBackend } from './backend';
import { TfjsModel } from './model';
import { nodeHost } from './node-host';
import { FLOAT, roundedActivations, simulationOf } from './simulation';

const random = new Random(7);
const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform(-1, 1));

/** x → conv 3×3 (relu) → max pool → dense */
function network(): Graph {
  const b = new GraphBuilder('net');
  const x = b.input('x', [-1, 6, 6, 2]);
  const filter = b.constant('filter', draw(4 * 9 * 2), [4, 3, 3, 2]);
  const conv = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
  const [y] = b.op('conv2d', 'conv', [x, filter, b.constant('bias', draw(4), [4])], conv, { activation: 'relu' });
  const [p] = b.op('maxPool2d', 'pool', [y], { filter: [2, 2], strides: [2, 2], padding: 'valid' });
  const weights = b.constant('weights', draw(5 * 36), [5, 36]);
  const z = b.op('fullyConnected', 'dense', [p, weights, b.constant('offset', draw(5), [5])], { keepDims: false });
  return b.build(z);
}

const params = (scale: number[], zeroPoint = 0, quantizedDimension = 0): QuantParams => ({
  scale: Float32Array.from(scale),
  zeroPoint: new Int32Array(scale.length).fill(zeroPoint),
  quantizedDimension,
});

const PARAMS: Readonly<Record<TensorId, QuantParams>> = {
  x: params([2 / 255], 1),
  conv: params([0.013], -128),
  pool: params([0.013], -128),
  dense: params([0.05], 3),
  filter: params([0.008, 0.007, 0.006, 0.0075]),
  weights: params([0.008, 0.009, 0.0079, 0.0081, 0.0075]),
};
const range = { min: -1, max: 1 };
const activation = (tensor: TensorId) => ({ tensor, range, params: PARAMS[tensor], origin: 'estimated' as const });
const weight = (tensor: TensorId, op: string) => ({
  tensor,
  op,
  ranges: [range],
  params: PARAMS[tensor],
  origin: 'estimated' as const,
});
const PLAN: QuantPlan = {
  activations: { x: activation('x'), conv: activation('conv'), pool: activation('pool'), dense: activation('dense') },
  weights: { filter: weight('filter', 'conv'), weights: weight('weights', 'dense') },
  keptFloat: [],
  notes: [],
};

/** real = s · (clamp(round(r / s) + z) − z) in float64, ties to even. */
function round(values: ArrayLike<number>, scaleAt: (i: number) => number, z: number, qmin: number, qmax: number) {
  return Float32Array.from(values, (r, i) => {
    const s = scaleAt(i);
    const exact = r / s;
    const down = Math.floor(exact);
    const nearest = exact - down === 0.5 ? down + (down % 2 === 0 ? 0 : 1) : Math.round(exact);
    return s * (Math.min(qmax, Math.max(qmin, nearest + z)) - z);
  });
}

const roundActivation = (id: TensorId, values: ArrayLike<number>) =>
  round(values, () => PARAMS[id].scale[0], PARAMS[id].zeroPoint[0], -128, 127);

/** The graph with constants rounded by the test's own arithmetic, cut after `output`. */
function rounded(graph: Graph, ops: readonly string[], output: TensorId): Graph {
  const tensors = new Map(graph.tensors);
  const replace = (id: TensorId, scaleAt: (i: number) => number, qmin: number, qmax: number) =>
    tensors.set(id, {
      ...tensorOf(graph, id),
      data: round(tensorOf(graph, id).data as Float32Array, scaleAt, 0, qmin, qmax),
    });
  if (ops.includes('conv')) {
    replace('filter', (i) => PARAMS.filter.scale[Math.floor(i / 18)], -127, 127);
    replace('bias', (i) => Math.fround(PARAMS.x.scale[0] * PARAMS.filter.scale[i]), -(2 ** 31), 2 ** 31 - 1);
  }
  if (ops.includes('dense')) {
    replace('weights', (i) => PARAMS.weights.scale[Math.floor(i / 36)], -127, 127);
    replace('offset', (i) => Math.fround(PARAMS.pool.scale[0] * PARAMS.weights.scale[i]), -(2 ** 31), 2 ** 31 - 1);
  }
  return { ...graph, tensors, outputs: [output] };
}

const naive = (graph: Graph, x: Float32Array, id: TensorId) => runNaive(graph, new Map([['x', x]]), 2).get(id)!.data;

/** Equal up to a tie decided by float32 sums: at most one step, and that rarely. */
function expectSameGrid(actual: ArrayLike<number>, expected: Float32Array, id: TensorId): void {
  let differing = 0;
  expected.forEach((v, i) => {
    const steps = Math.abs(actual[i] - v) / PARAMS[id].scale[0];
    expect(steps).toBeLessThan(1.01);
    if (steps > 0.01) differing++;
  });
  expect(differing).toBeLessThanOrEqual(expected.length / 100);
}

describe('simulated quantization', () => {
  const graph = network();
  const x = draw(2 * 72);
  const batch = { size: 2, inputs: new Map([['x', x]]) };
  const all = ['x', 'conv', 'pool', 'dense'];
  let tensors = 0;

  beforeAll(() => initBackend(nodeHost()));
  beforeEach(() => {
    tensors = memory().numTensors;
  });
  afterEach(() => expect(memory().numTensors).toBe(tensors));

  it('rounds input, weights, bias and outputs as the definition says', async () => {
    const model = TfjsModel.load(graph, { simulate: simulationOf(graph, PLAN) });
    const actual = await model.run(batch, all);
    model.dispose();

    const quantized = rounded(graph, ['conv', 'dense'], 'dense');
    const xq = roundActivation('x', x);
    expect([...actual.get('x')!.data].map(Number)).toEqual([...xq]);
    const conv = roundActivation('conv', naive(quantized, xq, 'conv'));
    expectSameGrid(actual.get('conv')!.data as Float32Array, conv, 'conv');
    const pool = actual.get('pool')!.data as Float32Array;
    expect([...pool]).toEqual([...roundActivation('pool', pool)]);
    // From here on, what the simulation itself fed to the dense layer.
    const b = new GraphBuilder('dense');
    const p = b.input('p', [-1, 3, 3, 4]);
    const [w, o] = ['weights', 'offset'].map((id) => tensorOf(quantized, id));
    const z = b.op('fullyConnected', 'z', [p, b.constant('w', w.data!, w.shape), b.constant('o', o.data!, o.shape)], {
      keepDims: false,
    });
    const dense = runNaive(b.build(z), new Map([[p, pool]]), 2).get('z')!.data;
    expectSameGrid(actual.get('dense')!.data as Float32Array, roundActivation('dense', dense), 'dense');
  });

  it('rounds weights alone or activations alone when asked', async () => {
    const weights = simulationOf(graph, PLAN, 'weights');
    expect(weights.activations.size).toBe(0);
    const model = TfjsModel.load(graph, { simulate: weights });
    const actual = (await model.run(batch, ['dense'])).get('dense')!.data as Float32Array;
    model.dispose();
    naive(rounded(graph, ['conv', 'dense'], 'dense'), x, 'dense').forEach((v, i) =>
      expect(actual[i]).toBeCloseTo(v, 5),
    );
    const activations = simulationOf(graph, PLAN, 'activations');
    expect([...activations.activations.keys()].sort()).toEqual([...all].sort());
    expect(activations.weights.size + activations.biases.size).toBe(0);
  });

  it('changes simulation to the same bits as a fresh load, and back to float', async () => {
    const bits = async (model: TfjsModel) => [...(await model.run(batch, ['dense'])).get('dense')!.data];
    const float = TfjsModel.load(graph);
    const floatBits = await bits(float);
    for (const part of ['both', 'weights', 'activations'] as const) {
      const simulation = simulationOf(graph, PLAN, part);
      float.setSimulation(simulation);
      const fresh = TfjsModel.load(graph, { simulate: simulation });
      expect(await bits(float)).toEqual(await bits(fresh));
      fresh.dispose();
    }
    float.setSimulation(FLOAT);
    expect(await bits(float)).toEqual(floatBits);
    float.dispose();
  });

  it('rounds once what an op only selects from rounded values', () => {
    const whole = simulationOf(graph, PLAN);
    expect(new Set(roundedActivations(graph, whole).keys())).toEqual(new Set(['x', 'conv', 'dense']));
    const alone = { ...whole, activations: new Map([...whole.activations].filter(([id]) => id === 'pool')) };
    expect([...roundedActivations(graph, alone).keys()]).toEqual(['pool']);
  });

  it('leaves what shares memory with a rounded tensor alone', async () => {
    const b = new GraphBuilder('shared');
    const [flat] = b.op('reshape', 'flat', [b.input('x', [-1, 6, 6, 2])], { shape: [-1, 72] });
    const sum = b.op('add', 'sum', [flat, b.constant('zero', [0], [])], {});
    const g = b.build([flat, ...sum]);
    const grid = { scale: 0.25, zeroPoint: 0, qmin: -128, qmax: 127 };
    const model = TfjsModel.load(g, { simulate: { ...FLOAT, activations: new Map([['flat', grid]]) } });
    const actual = await model.run(batch, ['x', 'flat', 'sum']);
    model.dispose();
    expect([...actual.get('x')!.data]).toEqual([...x]);
    expect([...actual.get('sum')!.data]).toEqual([...round(x, () => 0.25, 0, -128, 127)].map((v) => v + 0));
  });
});
