import { describe, expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, tensorOf, type Graph } from '../graph';
import { validateGraph } from '../validate';
import { densePositions } from './dense-positions';
import { normalize } from './normalize';

/** A dense layer on a sequence of six positions, as TensorFlow's converter spells it. */
function sequence(options: { between?: boolean; readTwice?: boolean; torn?: boolean } = {}): Graph {
  const b = new GraphBuilder('sequence');
  const x = b.input('x', [1, 6, 4]);
  const [rows] = b.op('reshape', 'rows', [x], { shape: options.torn ? [3, 8] : [6, 4] });
  const inputs = options.torn ? 8 : 4;
  const weights = b.constant('w', testValues(5 * inputs, 1), [5, inputs]);
  const [dense] = b.op('fullyConnected', 'dense', [rows, weights, null], { keepDims: false });
  let y = dense;
  if (options.between) {
    [y] = b.op('add', 'biased', [y, b.constant('b', testValues(5, 2), [5])], {}) as [string];
    [y] = b.op('softmax', 'softmax', [y], { beta: 1 }) as [string];
  }
  const [image] = b.op('reshape', 'image', [y], { shape: options.torn ? [1, 3, 5] : [1, 2, 3, 5] });
  return b.build(options.readTwice ? [image, dense] : [image]);
}

describe('densePositions', () => {
  it.each([{}, { between: true }])('works on positions where they are, $between', (options) => {
    const before = sequence(options);
    const after = validateGraph(densePositions(before));
    expect(after.ops[0]).toMatchObject({ kind: 'fullyConnected', inputs: ['x', 'w', null], attrs: { keepDims: true } });
    expect(after.ops).toHaveLength(before.ops.length - 1);
    expect(outputDifference(before, after)).toBeLessThan(1e-6);
    expect(tensorOf(normalize(before), 'x').shape).toEqual([BATCH, 6, 4]);
  });

  it.each([{ readTwice: true }, { torn: true }])('leaves rows that are read or are no positions, $torn', (options) => {
    const graph = sequence(options);
    expect(densePositions(graph)).toBe(graph);
  });
});
