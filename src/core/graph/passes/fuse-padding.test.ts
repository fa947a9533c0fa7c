import { expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH } from '../graph';
import type { Pair } from '../ops/attrs';
import { validateGraph } from '../validate';
import { fusePadding } from './fuse-padding';

/** Zeros around an image of this size, then a VALID 3×3 convolution. */
function padded(size: number, around: Pair, stride: number, value = 0, dilation = 1) {
  const b = new GraphBuilder('padded');
  const x = b.input('x', [BATCH, size, size, 2]);
  const [p] = b.op('pad', 'p', [x], { paddings: [[0, 0], around, around, [0, 0]], value });
  const w = b.constant('w', testValues(36, 3), [2, 3, 3, 2]);
  const attrs = { strides: [stride, stride], dilations: [dilation, dilation], padding: 'valid', groups: 1 } as const;
  return b.build([b.op('conv2d', 'y', [p, w], attrs)[0]]);
}

it.each([
  [7, [1, 1], 1, 1],
  [8, [0, 1], 2, 1], // SAME of an even image puts its one zero behind
  [7, [1, 1], 2, 1],
  [9, [2, 2], 1, 2],
] as const)(
  'an image of %d with %j zeros, stride %d, dilation %d, is padded by SAME',
  (size, around, stride, dilation) => {
    const graph = padded(size, around, stride, 0, dilation);
    const fused = validateGraph(fusePadding(graph));
    expect(fused.ops.map(({ kind, attrs }) => [kind, (attrs as { padding: string }).padding])).toEqual([
      ['conv2d', 'same'],
    ]);
    expect(outputDifference(graph, fused)).toBe(0);
  },
);

it.each([
  [8, [1, 1], 2, 0], // one zero in front of an even image is not what SAME does
  [7, [2, 2], 1, 0],
  [7, [1, 1], 1, 0.5],
] as const)('an image of %d with %j around, stride %d, of value %d, stays as it is', (size, around, stride, value) => {
  const graph = padded(size, around, stride, value);
  expect(fusePadding(graph)).toBe(graph);
});

it('padding that something else reads stays', () => {
  const graph = padded(7, [1, 1], 1);
  const both = validateGraph({ ...graph, outputs: [...graph.outputs, 'p'] });
  expect(fusePadding(both)).toBe(both);
});
