import { expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, type TensorId } from '../graph';
import type { OpKind } from '../ops/attrs';
import { validateGraph } from '../validate';
import { fuseActivations } from './fuse-activations';

function net() {
  const b = new GraphBuilder('net');
  return { b, x: b.input('x', [BATCH, 4, 4, 4]), w: b.constant('w', testValues(16, 3), [4, 1, 1, 4]) };
}
const conv = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
const window = { filter: [2, 2], strides: [2, 2], padding: 'same' } as const;

it('fuses into every kind that can apply one, the output keeping the name of the activation', () => {
  const { b, x, w } = net();
  const d = b.constant('d', testValues(36, 4), [1, 3, 3, 4]);
  const f = b.constant('f', testValues(8, 5), [2, 4]);
  const producers: [OpKind, TensorId][] = [
    ['conv2d', b.op('conv2d', 'conv2d', [x, w], conv)[0]],
    [
      'depthwiseConv2d',
      b.op('depthwiseConv2d', 'dw', [x, d], { strides: [1, 1], dilations: [1, 1], padding: 'same', multiplier: 1 })[0],
    ],
    [
      'transposeConv2d',
      b.op('transposeConv2d', 'tc', [x, w], { strides: [1, 1], padding: 'same', outputSize: [4, 4] })[0],
    ],
    ['fullyConnected', b.op('fullyConnected', 'fc', [x, f], { keepDims: true })[0]],
    ['add', b.op('add', 'add', [x, x], {})[0]],
    ['sub', b.op('sub', 'sub', [x, b.constant('one', [1], [])], {})[0]],
    ['mul', b.op('mul', 'mul', [x, x], {})[0]],
    ['averagePool2d', b.op('averagePool2d', 'avg', [x], window)[0]],
    ['maxPool2d', b.op('maxPool2d', 'max', [x], window)[0]],
  ];
  const outputs = producers.map(([kind, id], i) => b.op(i % 2 ? 'relu6' : 'relu', `${kind}/act`, [id], {})[0]);
  const graph = b.build(outputs);
  const fused = validateGraph(fuseActivations(graph));
  expect(fused.ops.map((op) => [op.kind, op.activation, op.outputs[0]])).toEqual(
    producers.map(([kind], i) => [kind, i % 2 ? 'relu6' : 'relu', `${kind}/act`]),
  );
  expect(outputDifference(graph, fused)).toBe(0);
});

it('leaves an activation whose input is needed elsewhere, is fused already or comes from another kind', () => {
  const { b, x, w } = net();
  const [shared] = b.op('conv2d', 'shared', [x, w], conv);
  const [output] = b.op('conv2d', 'output', [x, w], conv);
  const [done] = b.op('conv2d', 'done', [x, w], conv, { activation: 'relu6' });
  const [tanh] = b.op('tanh', 'tanh', [x], {});
  const inputs = [shared, output, done, tanh, x];
  const graph = b.build([
    ...inputs.map((id) => b.op('relu', 'relu', [id], {})[0]),
    b.op('sigmoid', 's', [shared], {})[0],
    output,
  ]);
  expect(fuseActivations(graph)).toBe(graph);
});
