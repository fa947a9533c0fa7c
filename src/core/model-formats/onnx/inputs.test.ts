import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import { runAsFile } from '../../../testing/fixtures/onnx-cases';
import { readOnnx } from './read';

describe('inputs', () => {
  it('feeds truth values as whole numbers', () => {
    const nodes: [string, string, string][] = [
      ['Not', 'm', 'n'],
      ['Where', 'n t f', 'y'],
    ];
    const weights = { t: [[], [2]], f: [[], [-3]] } as const;
    const graph = readOnnx(
      writeOnnx({ inputs: { m: [1, 3] }, outputs: ['y'], inputType: 9, nodes, weights }),
      'a.onnx',
    );
    const [y] = runAsFile(graph, new Map([['m', { shape: [1, 3], values: Float32Array.of(1, 0, 1) }]]));
    expect([...y.data]).toEqual([-3, 2, -3]);
  });
});
