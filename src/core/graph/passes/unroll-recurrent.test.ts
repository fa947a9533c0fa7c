import { expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { runNaive } from '../../../testing/oracles/naive-float';
import { GraphBuilder } from '../build';
import type { Graph } from '../graph';
import { validateGraph } from '../validate';
import { unrollRecurrent } from './unroll-recurrent';

const [STEPS, INPUTS, UNITS] = [4, 3, 2];
const random = new Random(3);
const values = (count: number) => Float32Array.from({ length: count }, () => random.uniform(-1, 1));

/** Two layers, one behind the other, the first with a bounded cell. */
function network(): Graph {
  const b = new GraphBuilder('stacked');
  const layer = (name: string, x: string, width: number, cellClip: number) => {
    const four = (part: string, shape: number[]) =>
      [0, 1, 2, 3].map((gate) => b.constant(`${name}/${part}${gate}`, values(shape[0] * (shape[1] ?? 1)), shape));
    const constants = [...four('w', [UNITS, width]), ...four('r', [UNITS, UNITS]), ...four('b', [UNITS])];
    return b.op('lstm', name, [x, ...constants], { cellClip })[0];
  };
  const first = layer('first', b.input('x', [-1, STEPS, INPUTS]), INPUTS, 0.3);
  return b.build([layer('second', first, UNITS, 0)]);
}

it('computes what the operators do, under the same names', () => {
  const graph = network();
  const unrolled = validateGraph(unrollRecurrent(graph));
  expect(unrolled.ops.some(({ kind }) => kind === 'lstm')).toBe(false);
  expect(unrolled.outputs).toEqual(graph.outputs);
  const inputs = new Map([['x', values(2 * STEPS * INPUTS)]]);
  const [expected, actual] = [graph, unrolled].map((of) => runNaive(of, inputs, 2).get(graph.outputs[0])!.data);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
});

it('leaves other graphs alone', () => {
  const b = new GraphBuilder('none');
  const graph = b.build([b.op('relu', 'relu', [b.input('x', [-1, 2])], {})[0]]);
  expect(unrollRecurrent(graph)).toBe(graph);
});
