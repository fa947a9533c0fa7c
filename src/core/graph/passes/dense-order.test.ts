import { describe, expect, it } from 'vitest';
import { outputDifference, testValues } from '../../../testing/oracles/naive/compare';
import { GraphBuilder } from '../build';
import { BATCH, type Graph } from '../graph';
import { validateGraph } from '../validate';
import { denseOrder } from './dense-order';

function decoder(options: { bias?: boolean; readTwice?: boolean } = {}): Graph {
  const b = new GraphBuilder('decoder');
  const weights = b.constant('w', testValues(24 * 5, 1), [24, 5]);
  const bias = options.bias ? b.constant('b', testValues(24, 2), [24]) : null;
  const [dense] = b.op('fullyConnected', 'dense', [b.input('x', [BATCH, 5]), weights, bias], { keepDims: true });
  const [relu] = b.op('tanh', 'tanh', [dense], {});
  const [image] = b.op('reshape', 'image', [relu], { shape: [BATCH, 4, 2, 3] });
  const [moved] = b.op('transpose', 'moved', [image], { permutation: [0, 2, 3, 1] });
  const [y] = b.op('relu', 'y', [moved], {});
  return b.build(options.readTwice ? [y, dense] : [y]);
}

describe('denseOrder', () => {
  it.each([{ bias: true }, { bias: false }])('sorts the weights instead of moving the values, $bias', (options) => {
    const before = decoder(options);
    const after = validateGraph(denseOrder(before));
    expect(after.ops.map(({ kind }) => kind)).toEqual(['fullyConnected', 'tanh', 'reshape', 'relu']);
    expect(outputDifference(before, after)).toBeLessThan(1e-6);
  });

  it('leaves a layer whose values something else reads', () => {
    const graph = decoder({ readTwice: true });
    expect(denseOrder(graph)).toBe(graph);
  });
});
