import { memory } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph, TensorId } from '../../core/graph/graph';
import { initBackend } from './backend';
import { CachedForward, planDetour } from './cached-forward';
import { TfjsModel } from './model';
import { nodeHost } from './node-host';
import { FLOAT, type Simulation } from './simulation';

const random = new Random(11);
const draw = (n: number) => Float32Array.from({ length: n }, () => random.uniform(-1, 1));
const CONV = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;

/** x → conv a → (conv b, pool → reshape) → … two paths that meet in a sum, then a dense layer and a softmax. */
function network(): Graph {
  const b = new GraphBuilder('net');
  const x = b.input('x', [-1, 4, 4, 2]);
  const filter = (name: string) => b.constant(name, draw(2 * 9 * 2), [2, 3, 3, 2]);
  const [a] = b.op('conv2d', 'a', [x, filter('fa'), b.constant('ba', draw(2), [2])], CONV, { activation: 'relu' });
  const [c] = b.op('conv2d', 'b', [a, filter('fb'), b.constant('bb', draw(2), [2])], CONV);
  const [sum] = b.op('add', 'sum', [a, c], {});
  const [flat] = b.op('reshape', 'flat', [sum], { shape: [-1, 32] });
  const w = b.constant('w', draw(3 * 32), [3, 32]);
  const [dense] = b.op('fullyConnected', 'dense', [flat, w, b.constant('bias', draw(3), [3])], { keepDims: false });
  return b.build(b.op('softmax', 'softmax', [dense], { beta: 1 }));
}

const grid = (scale: number) => ({ scale, zeroPoint: 0, qmin: -128, qmax: 127 });
const FULL: Simulation = {
  activations: new Map([
    ['x', grid(0.06)],
    ['a', grid(0.05)],
    ['b', grid(0.07)],
    ['sum', grid(0.09)],
    ['flat', grid(0.09)],
    ['dense', grid(0.2)],
    ['softmax', { scale: 1 / 256, zeroPoint: -128, qmin: -128, qmax: 127 }],
  ]),
  weights: new Map(
    ['fa', 'fb', 'w'].map((id) => [id, { ...grid(0.05), scale: Float32Array.of(0.05), quantizedDimension: 0 }]),
  ),
  biases: new Map(),
};
const WEIGHT_OF: Readonly<Record<string, TensorId>> = { a: 'fa', b: 'fb', dense: 'w' };

describe('detours from a held run', () => {
  const graph = network();
  const batch = { size: 3, inputs: new Map([['x', draw(3 * 32)]]) };
  const want = ['dense', 'softmax'];
  let tensors = 0;
  beforeAll(() => initBackend(nodeHost()));
  beforeEach(() => (tensors = memory().numTensors));
  afterEach(() => expect(memory().numTensors).toBe(tensors));

  async function fresh(simulation: Simulation) {
    const model = TfjsModel.load(graph, { simulate: simulation });
    const results = await model.run(batch, want);
    model.dispose();
    return new Map([...results].map(([id, { data }]) => [id, [...(data as Float32Array)]]));
  }

  it('give the bits of a model loaded with the difference, whatever of it differs, from float and from quantized', async () => {
    const models = [FLOAT, FULL].map((simulate) => TfjsModel.load(graph, { simulate }));
    const ids = [...FULL.activations.keys()];
    const subset = <T>(all: ReadonlyMap<string, T>, keys: readonly string[]) =>
      new Map([...all].filter(([key]) => keys.includes(key)));
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(ids),
        fc.subarray(Object.keys(WEIGHT_OF)),
        fc.boolean(),
        async (rounded, ops, fromFloat) => {
          const base = fromFloat ? FLOAT : FULL;
          const [model, swapped] = fromFloat ? models : [models[1], models[0]];
          const to = subset(FULL.activations, rounded);
          const weights = Object.entries(WEIGHT_OF)
            .filter(([op]) => ops.includes(op) === fromFloat)
            .map(([, id]) => id);
          const detour = planDetour(graph, { from: base.activations, to, swapped: new Set(ops) }, want);
          const held = CachedForward.of(model, base.activations, batch);
          const seen = new Map<string, number[]>();
          await held.take(detour, swapped, (id, values) => seen.set(id, [...values]));
          held.dispose();
          expect(seen).toEqual(
            await fresh({ activations: to, weights: subset(FULL.weights, weights), biases: new Map() }),
          );
        },
      ),
      { numRuns: 40 },
    );
    for (const model of models) model.dispose();
  });

  it('compute no more than the difference reaches and leads to what is wanted', () => {
    const differing = (op: string, ...wanted: string[]) =>
      planDetour(graph, { from: new Map(), to: new Map(), swapped: new Set([op]) }, wanted).ops.map(({ id }) => id);
    expect(differing('dense', ...want)).toEqual(['dense', 'softmax']);
    expect(differing('b', 'dense')).toEqual(['b', 'sum', 'flat', 'dense']);
    expect(differing('softmax', 'dense')).toEqual([]);
    const { from, to } = { from: FULL.activations, to: new Map([...FULL.activations].filter(([id]) => id !== 'x')) };
    expect(planDetour(graph, { from, to, swapped: new Set() }, want).inputs).toEqual(['x']);
  });

  it('free what they held where a visitor throws', async () => {
    const model = TfjsModel.load(graph);
    const held = CachedForward.of(model, new Map(), batch);
    const detour = planDetour(graph, { from: new Map(), to: FULL.activations, swapped: new Set(['a']) }, want);
    const failing = held.take(detour, model, () => {
      throw new Error('seen enough');
    });
    await expect(failing).rejects.toThrow('seen enough');
    held.dispose();
    expect(() => CachedForward.of(model, new Map(), { size: 1, inputs: new Map() })).toThrow('given no values');
    model.dispose();
  });
});
