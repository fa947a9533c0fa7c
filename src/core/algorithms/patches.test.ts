import { describe, expect, it } from 'vitest';
import { testInputs, testValues } from '../../testing/oracles/naive/compare';
import { runNaive } from '../../testing/oracles/naive-float';
import { GraphBuilder } from '../graph/build';
import { weightedLayers } from './layer';
import { fromRows, patchesOf, weightRows } from './patches';

const builders: Record<string, (b: GraphBuilder) => string> = {
  'a strided, padded convolution': (b) =>
    b.op('conv2d', 'y', [b.input('x', [-1, 5, 6, 4]), b.constant('w', testValues(3 * 9 * 4, 1), [3, 3, 3, 4]), null], { strides: [2, 2], padding: 'same', dilations: [1, 1], groups: 1 })[0], // prettier-ignore
  'a dilated one in groups': (b) =>
    b.op('conv2d', 'y', [b.input('x', [-1, 7, 7, 4]), b.constant('w', testValues(6 * 9 * 2, 2), [6, 3, 3, 2]), null], { strides: [1, 1], padding: 'valid', dilations: [2, 2], groups: 2 })[0], // prettier-ignore
  'a depthwise one with a multiplier': (b) =>
    b.op('depthwiseConv2d', 'y', [b.input('x', [-1, 5, 5, 3]), b.constant('w', testValues(9 * 6, 3), [1, 3, 3, 6]), null], { strides: [2, 1], padding: 'same', dilations: [1, 1], multiplier: 2 })[0], // prettier-ignore
  'a dense layer': (b) =>
    b.op('fullyConnected', 'y', [b.input('x', [-1, 2, 3]), b.constant('w', testValues(4 * 6, 4), [4, 6]), null], { keepDims: false })[0], // prettier-ignore
  'a dense layer at each position': (b) =>
    b.op('fullyConnected', 'y', [b.input('x', [-1, 5, 3]), b.constant('w', testValues(4 * 3, 4), [4, 3]), null], { keepDims: true })[0], // prettier-ignore
};

describe('patches', () => {
  it.each(Object.keys(builders))('times rows of weights are the outputs of %s', (name) => {
    const b = new GraphBuilder('one');
    const graph = b.build([builders[name](b)]);
    const [layer] = weightedLayers(graph);
    const patches = patchesOf(graph, layer)!;
    const inputs = testInputs(graph, 1);
    const expected = runNaive(graph, inputs, 1).get('y')!.data;
    const { groups, columns, positions } = patches;
    const at = Uint32Array.from({ length: positions }, (_, i) => positions - 1 - i);
    const to = new Float32Array(groups * positions * columns).fill(9);
    patches.gather(inputs.get('x')!, at, to);
    const rows = weightRows(layer);
    expect(fromRows(layer, rows)).toEqual(layer.weights);
    const perGroup = layer.outputs / groups;
    expect(positions * layer.outputs).toBe(expected.length);
    at.forEach((p, i) => {
      for (let o = 0; o < layer.outputs; o++) {
        const patch = (Math.floor(o / perGroup) * positions + i) * columns;
        let sum = 0;
        for (let k = 0; k < columns; k++) sum += rows[o * columns + k] * to[patch + k];
        expect(sum).toBeCloseTo(expected[p * layer.outputs + o], 5);
      }
    });
  });
});
