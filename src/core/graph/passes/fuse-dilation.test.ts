import { describe, expect, it } from 'vitest';
import { runNaive } from '../../../testing/oracles/naive-float';
import { Random } from '../../../base/random';
import { GraphBuilder } from '../build';
import { BATCH, elementCount, tensorOf, type Graph } from '../graph';
import type { Pair } from '../ops/attrs';
import { fuseDilation } from './fuse-dilation';
import { normalize } from './normalize';

const random = new Random(7);
const values = (shape: readonly number[]) =>
  Float32Array.from({ length: elementCount(shape) }, () => random.uniform(-1, 1));

interface Case {
  readonly size: Pair;
  readonly block: readonly number[];
  readonly paddings: readonly Pair[];
  readonly crops: readonly Pair[];
  readonly depthwise?: boolean;
  readonly batch?: number;
}

function dilated({ size, block, paddings, crops, depthwise, batch = 1 }: Case): Graph {
  const b = new GraphBuilder('dilated');
  const x = b.input('x', [batch, ...size, 2]);
  const [split] = b.op('spaceToBatch', 'split', [x], { block, paddings });
  const filter = depthwise ? [1, 3, 3, 2] : [4, 3, 3, 2];
  const weights = b.constant('filter', values(filter), filter);
  const common = { strides: [1, 1], padding: 'valid', dilations: [1, 1] } as const;
  const [y] = depthwise
    ? b.op('depthwiseConv2d', 'conv', [split, weights, null], { ...common, multiplier: 1 }, { activation: 'relu' })
    : b.op('conv2d', 'conv', [split, weights, null], { ...common, groups: 1 });
  return b.build(b.op('batchToSpace', 'join', [y], { block, crops }));
}

function outputs(graph: Graph, x: Float32Array): Float32Array {
  return runNaive(graph, new Map([[graph.inputs[0], x]]), 1).get(graph.outputs[0])!.data;
}

const kinds = (graph: Graph) => graph.ops.map(({ kind }) => kind);

describe('fuseDilation', () => {
  it.each<[string, Case, string[], string]>([
    [
      'SAME',
      {
        size: [8, 8],
        block: [2, 2],
        paddings: [
          [2, 2],
          [2, 2],
        ],
        crops: [
          [0, 0],
          [0, 0],
        ],
      },
      ['conv2d'],
      'same',
    ],
    // 7 pixels padded to a multiple of 2: what was added for that is cropped again.
    [
      'SAME, odd',
      {
        size: [7, 7],
        block: [2, 2],
        paddings: [
          [2, 3],
          [2, 3],
        ],
        crops: [
          [0, 1],
          [0, 1],
        ],
      },
      ['conv2d'],
      'same',
    ],
    [
      'VALID',
      {
        size: [8, 9],
        block: [2, 3],
        paddings: [
          [0, 0],
          [0, 0],
        ],
        crops: [
          [0, 0],
          [0, 0],
        ],
      },
      ['conv2d'],
      'valid',
    ],
    [
      'uneven',
      {
        size: [8, 8],
        block: [2, 2],
        paddings: [
          [1, 1],
          [4, 0],
        ],
        crops: [
          [0, 0],
          [1, 0],
        ],
      },
      ['pad', 'conv2d'],
      'valid',
    ],
    [
      'depthwise',
      {
        size: [6, 6],
        block: [3, 3],
        paddings: [
          [3, 3],
          [3, 3],
        ],
        crops: [
          [0, 0],
          [0, 0],
        ],
        depthwise: true,
      },
      ['depthwiseConv2d'],
      'same',
    ],
  ])('%s: one dilated convolution of the same values', (_what, given, expected, padding) => {
    const graph = dilated(given);
    const fused = normalize(graph);
    expect(kinds(fused)).toEqual(expected);
    expect(fused.ops.at(-1)!.attrs).toMatchObject({ padding, dilations: given.block });
    expect(tensorOf(fused, fused.inputs[0]).shape[0]).toBe(BATCH);
    const x = values([1, ...given.size, 2]);
    const [before, after] = [outputs(graph, x), outputs(fused, x)];
    after.forEach((v, i) => expect(v).toBeCloseTo(before[i], 5));
  });

  it('leaves alone what is no dilated convolution', () => {
    const shrunk = dilated({
      size: [8, 8],
      block: [2, 2],
      paddings: [
        [0, 0],
        [0, 0],
      ],
      crops: [
        [1, 0],
        [0, 0],
      ],
    });
    expect(fuseDilation(shrunk)).toBe(shrunk);
    const b = new GraphBuilder('read twice');
    const [split] = b.op('spaceToBatch', 'split', [b.input('x', [1, 4, 4, 1])], {
      block: [2, 2],
      paddings: [
        [0, 0],
        [0, 0],
      ],
    });
    const joined = b.op('batchToSpace', 'join', [split], {
      block: [2, 2],
      crops: [
        [0, 0],
        [0, 0],
      ],
    });
    const graph = b.build([...joined, split]);
    expect(fuseDilation(graph)).toBe(graph);
  });
});
