import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import { readOnnx } from './read';

describe('orderedNodes', () => {
  it('reads nodes in any order', () => {
    const nodes: [string, string, string][] = [
      ['Relu', 'b', 'y'],
      ['Neg', 'x', 'a'],
      ['Add', 'a x', 'b'],
    ];
    const graph = readOnnx(writeOnnx({ inputs: { x: [1, 3] }, outputs: ['y'], nodes }), 'a.onnx');
    expect(graph.ops.map(({ kind }) => kind)).toEqual(['mul', 'add', 'relu']);
  });
});
