import { expect, it } from 'vitest';
import { runNaive } from '../../../testing/oracles/naive-float';
import { outputDifference, testInputs, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import type { Graph } from '../graph';
import { validateGraph } from '../validate';
import { symbolicBatch } from './symbolic-batch';

const conv = { strides: [2, 2], dilations: [1, 1], padding: 'same', groups: 1 } as const;

function fixedBatch(): Graph {
  const b = new GraphBuilder('net');
  let y = b.input('x', [1, 6, 6, 2]);
  y = b.op('conv2d', 'conv', [y, b.constant('w', testValues(24, 5), [3, 2, 2, 2])], conv)[0]!;
  y = b.op('slice', 'slice', [y], { begin: [0, 0, 0, 0], size: [1, 2, 2, 3] })[0]!;
  y = b.op('stridedSlice', 'strided', [y], {
    begin: [0, 0, 0, 0],
    end: [1, 2, 2, 3],
    strides: [1, 1, 1, 2],
    shrinkAxes: [],
  })[0]!;
  y = b.op('reshape', 'flat', [y], { shape: [1, 8] })[0]!;
  y = b.op('reshape', 'free', [y], { shape: [-1, 8] })[0]!;
  y = b.op('add', 'add', [y, b.constant('c', testValues(8, 6), [1, 8])], {})[0]!;
  return b.build([y]);
}

it('frees a fixed batch of 1, sample by sample as before', () => {
  const graph = fixedBatch();
  const result = validateGraph(symbolicBatch(graph));
  expect(result.ops.map((op) => result.tensors.get(op.outputs[0])!.shape)).toEqual([
    [-1, 3, 3, 3],
    [-1, 2, 2, 3],
    [-1, 2, 2, 2],
    [-1, 8],
    [-1, 8],
    [-1, 8],
  ]);
  expect(result.tensors.get('c')!.shape).toEqual([1, 8]);
  expect(outputDifference(graph, result, 1)).toBe(0);

  const three = testInputs(result, 3, 11).get('x')!;
  const together = runNaive(result, new Map([['x', three]]), 3).get('add')!.data;
  for (let i = 0; i < 3; i++) {
    const alone = runNaive(graph, new Map([['x', three.slice(i * 72, i * 72 + 72)]]), 1).get('add')!.data;
    expect([...together.slice(i * 8, i * 8 + 8)]).toEqual([...alone]);
  }
});

it('leaves a graph alone that mixes what would be the batch with something else', () => {
  const cases: ((b: GraphBuilder, x: string) => string)[] = [
    (b, x) => b.op('reshape', 'y', [x], { shape: [4, 2] })[0],
    (b, x) => b.op('reshape', 'y', [x], { shape: [-1, 2] })[0],
    (b, x) => b.op('mean', 'y', [x], { axes: [0], keepDims: true })[0],
    (b, x) => b.op('transpose', 'y', [x], { permutation: [1, 0, 2] })[0],
    (b, x) => b.op('concat', 'y', [x, x], { axis: 0 })[0],
    (b, x) => b.op('concat', 'y', [x, b.constant('c', [1, 2], [1, 1, 2])], { axis: 1 })[0],
    (b, x) => b.op('add', 'y', [x, b.constant('c', testValues(24, 1), [3, 4, 2])], {})[0],
    (b, x) =>
      b.op('pad', 'y', [x], {
        paddings: [
          [1, 0],
          [0, 0],
          [0, 0],
        ],
        value: 0,
      })[0],
    (b, x) =>
      b.op('stridedSlice', 'y', [x], { begin: [0, 0, 0], end: [1, 4, 2], strides: [1, 1, 1], shrinkAxes: [0] })[0],
    (b, x) => b.op('fullyConnected', 'y', [x, b.constant('w', [1, 2], [1, 2])], { keepDims: false })[0],
  ];
  for (const add of cases) {
    const b = new GraphBuilder('net');
    const graph = b.build([add(b, b.input('x', [1, 4, 2]))]);
    expect(symbolicBatch(graph)).toBe(graph);
  }
});

it('leaves a batch of more than 1, and an output that does not depend on the input, alone', () => {
  const fixed = new GraphBuilder('fixed');
  const four = fixed.build(fixed.op('relu', 'y', [fixed.input('x', [4, 2])], {}));
  expect(symbolicBatch(four)).toBe(four);
  const b = new GraphBuilder('constant');
  const [y] = b.op('relu', 'y', [b.input('x', [1, 2])], {});
  const [z] = b.op('relu', 'z', [b.constant('c', [1, 2], [1, 2])], {});
  const graph = b.build([y, z]);
  expect(symbolicBatch(graph)).toBe(graph);
});
