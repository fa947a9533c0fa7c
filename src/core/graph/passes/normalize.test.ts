import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { normalize } from './normalize';

const conv = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;

it('leaves only real work: dropout, batch normalization, activation and a dead branch go into the convolution', () => {
  const b = new GraphBuilder('net');
  const x = b.input('x', [1, 4, 4, 2]);
  const vector = (name: string, seed: number, floor = -2) =>
    b.constant(
      name,
      testValues(3, seed).map((v) => Math.max(v, floor)),
      [3],
    );
  const w = b.constant('w', testValues(6, 1), [3, 1, 1, 2]);
  let [y] = b.op('conv2d', 'conv', [x, w], conv) as [string];
  b.op('tanh', 'dead', [y], {});
  y = b.op('identity', 'dropout', [y], {})[0]!;
  const statistics = [vector('gamma', 2), vector('beta', 3), vector('mean', 4), vector('variance', 5, 0.5)];
  y = b.op('batchNorm', 'bn', [y, ...statistics], { epsilon: 1e-3 })[0]!;
  y = b.op('identity', 'dropout', [y], {})[0]!;
  y = b.op('relu', 'act', [y], {})[0]!;
  y = b.op('reshape', 'flat', [y], { shape: [1, 48] })[0]!;
  y = b.op('softmax', 'probabilities', [y], { beta: 1 })[0]!;
  const graph = b.build([y]);
  const result = normalize(graph);
  expect(result.ops.map(({ kind, activation, outputs }) => [kind, activation, ...outputs])).toEqual([
    ['conv2d', 'relu', 'act'],
    ['reshape', 'none', 'flat'],
    ['softmax', 'none', 'probabilities'],
  ]);
  expect([...result.tensors.keys()].sort()).toEqual(['act', 'conv/bias', 'flat', 'probabilities', 'w', 'x']);
  expect(result.tensors.get('x')!.shape).toEqual([-1, 4, 4, 2]);
  expect(outputDifference(graph, result, 1)).toBeLessThan(1e-5);
  expect(normalize(result)).toBe(result);
});

/** Layers over [N,4,4,3] images, each of which some pass looks for. */
const LAYERS: readonly ((b: GraphBuilder, x: string, seed: number) => string)[] = [
  (b, x, seed) => b.op('conv2d', 'conv', [x, b.constant('w', testValues(81, seed), [3, 3, 3, 3])], conv)[0],
  (b, x, seed) => {
    const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'same', multiplier: 1 } as const;
    return b.op('depthwiseConv2d', 'dw', [x, b.constant('w', testValues(12, seed), [1, 2, 2, 3])], attrs)[0];
  },
  (b, x, seed) =>
    b.op('fullyConnected', 'fc', [x, b.constant('w', testValues(9, seed), [3, 3])], { keepDims: true })[0],
  (b, x, seed) => {
    const statistics = ['gamma', 'beta', 'mean'].map((name, i) => b.constant(name, testValues(3, seed + i), [3]));
    const variance = b.constant('variance', [0.5, 1, 2], [3]);
    return b.op('batchNorm', 'bn', [x, ...statistics, variance], { epsilon: 1e-3 })[0];
  },
  (b, x, seed) => b.op('mul', 'mul', [x, b.constant('m', testValues(3, seed), [3])], {})[0],
  (b, x, seed) => b.op('add', 'add', [b.constant('a', testValues(1, seed), []), x], {})[0],
  (b, x, seed) => b.op('sub', 'sub', [x, b.constant('s', testValues(48, seed), [1, 4, 4, 3])], {})[0],
  (b, x) => b.op('relu', 'relu', [x], {})[0],
  (b, x) => b.op('relu6', 'relu6', [x], {})[0],
  (b, x) => b.op('identity', 'dropout', [x], {})[0],
  (b, x) =>
    b.op('reshape', 'reshape', [b.op('reshape', 'flat', [x], { shape: [1, 48] })[0]], { shape: [1, 4, 4, 3] })[0],
  (b, x) => b.op('transpose', 'transpose', [x], { permutation: [0, 1, 2, 3] })[0],
];

it('computes what any graph of such layers computed, under the same names', () => {
  const step = fc.record({
    layer: fc.nat(LAYERS.length - 1),
    back: fc.nat(3),
    joined: fc.boolean(),
    output: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
      const b = new GraphBuilder('random');
      const made = [b.input('x', [1, 4, 4, 3])];
      const outputs: string[] = [];
      steps.forEach(({ layer, back, joined, output }, i) => {
        let y = LAYERS[layer](b, made.at(-1)!, i % 3); // few seeds, so that constants repeat
        if (joined) y = b.op('add', 'join', [y, made.at(-1 - (back % made.length))!], {})[0]!;
        made.push(y);
        if (output === 0 || i === steps.length - 1) outputs.push(y);
      });
      const graph = b.build(outputs);
      const result = normalize(graph);
      expect(result.outputs).toEqual(outputs);
      expect(result.tensors.get('x')!.shape).toEqual([-1, 4, 4, 3]);
      expect(outputDifference(graph, result, 1)).toBeLessThan(1e-5);
      expect(normalize(result).ops.length).toBe(result.ops.length);
    }),
    { numRuns: 200 },
  );
});
