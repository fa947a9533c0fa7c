import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { GraphBuilder } from '../../core/graph/build';
import { BATCH, tensorOf } from '../../core/graph/graph';
import { validateGraph } from '../../core/graph/validate';
import { nodeHost } from '../../cli/node-host';
import { StudioSession } from '../../jobs/session/studio-session';
import { constantOps, foldConstants } from './fold-constants';

beforeAll(async () => {
  await new StudioSession(nodeHost()).tfjs();
});

it('what depends on no input is computed once, whatever its type, and nothing else', async () => {
  const b = new GraphBuilder('constants');
  const x = b.input('x', [BATCH, 2, 3]);
  const table = b.constant('table', [1, 2, 3, 4, 5, 6], [3, 2]);
  const [turned] = b.op('transpose', 'turned', [table], { permutation: [1, 0] });
  const [squares] = b.op('square', 'squares', [turned], {});
  const [large] = b.op('greater', 'large', [squares, b.constant('four', [4], [])], {});
  const [positions] = b.op('argMax', 'positions', [turned], { axis: 1, to: 'int32' });
  const [chosen] = b.op('select', 'chosen', [large, x, squares], {});
  const [picked] = b.op('gather', 'picked', [chosen, positions], { axis: 2 });
  const graph = b.build([picked]);
  expect(constantOps(graph).map(({ id }) => id)).toEqual(['turned', 'squares', 'large', 'positions']);

  const before = memory().numTensors;
  const folded = validateGraph(await foldConstants(graph));
  expect(memory().numTensors).toBe(before);
  expect(folded.ops.map(({ id }) => id)).toEqual(['chosen', 'picked']);
  expect(tensorOf(folded, squares).data).toEqual(Float32Array.of(1, 9, 25, 4, 16, 36));
  expect(tensorOf(folded, large).data).toEqual(Uint8Array.of(0, 1, 1, 0, 1, 1));
  expect(tensorOf(folded, positions).data).toEqual(Int32Array.of(2, 2));
  expect(folded.tensors.has(turned)).toBe(false);
});

it('an output that is constant stays an output, and a graph without constant ops is the very graph', async () => {
  const b = new GraphBuilder('output');
  const x = b.input('x', [BATCH, 2]);
  const [y] = b.op('relu', 'y', [x], {});
  const [c] = b.op('exp', 'c', [b.constant('one', [1], [1])], {});
  const graph = b.build([y, c]);
  expect(await foldConstants(graph)).toBe(graph);
});
