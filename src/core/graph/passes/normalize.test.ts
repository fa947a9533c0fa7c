import { expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/naive/compare';
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
