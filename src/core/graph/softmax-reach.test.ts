import { expect, it } from 'vitest';
import { GraphBuilder } from './build';
import { BATCH } from './graph';
import { softmaxReach, softmaxRows } from './softmax-reach';

it('rows of a softmax reach through reshapes that keep them and multiples, with their factor', () => {
  const b = new GraphBuilder('rows');
  const x = b.input('x', [BATCH, 2, 4, 8]);
  const [masked] = b.op('add', 'masked', [x, b.constant('mask', new Float32Array(8), [8])], {});
  const [halved] = b.op('div', 'halved', [masked, b.constant('two', [2], [])], {});
  const [shaped] = b.op('reshape', 'shaped', [halved], { shape: [BATCH, 8, 8] });
  const graph = b.build(b.op('softmax', 'p', [shaped], { beta: 3 }));
  expect([...softmaxRows(graph)]).toEqual([
    ['shaped', 3],
    ['halved', 3],
    ['masked', 1.5],
  ]);
  const reaches = softmaxReach(graph);
  expect(['x', 'mask', 'two', 'p'].map(reaches)).toEqual([true, true, true, false]);
});

it('what something else reads, or the model hands out, has no such rows', () => {
  const b = new GraphBuilder('read');
  const x = b.input('x', [BATCH, 8]);
  const [y] = b.op('relu', 'y', [x], {});
  const [p] = b.op('softmax', 'p', [y], { beta: 1 });
  expect(softmaxRows(b.build([p, y])).size).toBe(0);
});
