import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import { runAsFile } from '../../../testing/fixtures/onnx-cases';
import { readOnnx } from './read';

describe('modernized', () => {
  it.each<[string, number[]]>([
    ['with the batch', [0, 2, 0, 4]],
    ['along an axis', [0, 2, 0, 8]],
  ])('broadcasts as the first releases did, %s', (what, expected) => {
    const axis = what === 'along an axis';
    const weights = { w: [[2], axis ? [1, 2] : [1, 1]] } as const;
    const attributes: Record<string, number> = axis ? { axis: 0, broadcast: 1 } : { broadcast: 1 };
    const bytes = writeOnnx({
      inputs: { x: [2, 2] },
      outputs: ['y'],
      opset: 6,
      weights,
      nodes: [['Mul', 'x w', 'y', attributes]],
    });
    const [y] = runAsFile(
      readOnnx(bytes, 'a.onnx'),
      new Map([['x', { shape: [2, 2], values: Float32Array.of(0, 2, 0, 4) }]]),
    );
    expect([...y.data]).toEqual(expected);
  });
});
