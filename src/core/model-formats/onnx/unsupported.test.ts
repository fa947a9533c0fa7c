import { describe, expect, it } from 'vitest';
import type { RangefinderError } from '../../../base/errors';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import { readOnnx } from './read';

function refusal(bytes: Uint8Array): RangefinderError {
  try {
    readOnnx(bytes, 'a.onnx');
  } catch (thrown) {
    return thrown as RangefinderError;
  }
  return expect.unreachable('was read');
}

describe('refusals', () => {
  it('says where a model could be cut', () => {
    const nodes: [string, string, string][] = [
      ['Relu', 'x', 'a'],
      ['Sigmoid', 'a', 'b'],
      ['NonMaxSuppression', 'b', 'c'],
      ['Relu', 'c', 'y'],
    ];
    const { hint } = refusal(writeOnnx({ inputs: { x: [1, 3] }, outputs: ['y', 'a'], nodes }));
    expect(hint).toMatch(/extract_model\("model.onnx", "cut.onnx", \["x"\], \["b", "a"\]\) keeps 2 of 4 nodes/);
    const first: [string, string, string][] = [['NonMaxSuppression', 'x', 'y']];
    expect(refusal(writeOnnx({ inputs: { x: [1, 3] }, outputs: ['y'], nodes: first })).hint).toBe(
      'Replace these layers.',
    );
  });
});
