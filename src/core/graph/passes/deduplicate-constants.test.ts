import { expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH } from '../graph';
import { validateGraph } from '../validate';
import { deduplicateConstants } from './deduplicate-constants';

const conv = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;

it('makes one of equal constants of the same use', () => {
  const b = new GraphBuilder('net');
  let y = b.input('x', [BATCH, 4, 4, 2]);
  for (const i of [1, 2, 3]) {
    const w = b.constant(`w${i}`, testValues(4, 9), [2, 1, 1, 2]);
    y = b.op('conv2d', `conv${i}`, [y, w, b.constant(`zero${i}`, [0, 0], [2])], conv)[0]!;
    y = b.op('add', `add${i}`, [y, b.constant(`sum${i}`, [0, 0], [2])], {})[0]!;
  }
  const graph = b.build([y]);
  const result = validateGraph(deduplicateConstants(graph));
  const constants = [...result.tensors.values()].filter(({ data }) => data).map(({ id }) => id);
  // Biases stay apart: each is quantized with the scale of its own op's input.
  expect(constants).toEqual(['w1', 'zero1', 'sum1', 'zero2', 'zero3']);
  expect(outputDifference(graph, result)).toBe(0);
});

it('tells apart shapes, types, bytes and parameters', () => {
  const b = new GraphBuilder('net');
  const quant = (scale: number) => ({
    scale: Float32Array.of(scale),
    zeroPoint: Int32Array.of(0),
    quantizedDimension: 0,
  });
  let y = b.input('x', [BATCH, 2]);
  const constants = [
    b.constant('a', [0, 0], [2]),
    b.constant('shape', [0, 0], [1, 2]),
    b.constant('minusZero', [0, -0], [2]),
    b.constant('int32', Int32Array.of(0, 0), [2]),
    b.constant('scale1', Int8Array.of(0, 0), [2], { quant: quant(1) }),
    b.constant('scale2', Int8Array.of(0, 0), [2], { quant: quant(2) }),
  ];
  for (const id of constants) y = b.op('add', 'add', [y, id], {})[0]!;
  const graph = b.build([y]);
  expect(deduplicateConstants(graph)).toBe(graph);
});
