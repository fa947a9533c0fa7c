import { describe, expect, it } from 'vitest';
import { linesGraph } from '../../testing/builders/small-model';
import { readTflite } from '../model-formats/tflite/read';
import { writeTflite } from '../model-formats/tflite/write';
import { fingerprint } from './fingerprint';
import { tensorOf, type Graph } from './graph';
import { normalize } from './passes/normalize';

const bytes = writeTflite(linesGraph());
const open = (name: string) => normalize(readTflite(bytes, name));

function withWeight(graph: Graph, change: (values: Float32Array) => void): Graph {
  const tensor = tensorOf(graph, 'conv/w');
  const data = (tensor.data as Float32Array).slice();
  change(data);
  return { ...graph, tensors: new Map(graph.tensors).set(tensor.id, { ...tensor, data }) };
}

describe('fingerprint', () => {
  it('is the same for the same content, whatever the file is called', () => {
    expect(fingerprint(open('a.tflite'))).toBe(fingerprint(open('b.tflite')));
    expect(fingerprint(open('a.tflite'))).toMatch(/^[0-9a-f]{8}-\d+$/);
  });

  it('tells models apart by a single bit of a weight, by an attribute, by a name', () => {
    const graph = open('a.tflite');
    const others = [
      withWeight(graph, (values) => (new Uint8Array(values.buffer)[5] ^= 1)),
      { ...graph, ops: graph.ops.map((op) => (op.kind === 'softmax' ? { ...op, attrs: { beta: 2 } } : op)) },
      { ...graph, ops: graph.ops.map((op) => (op.kind === 'softmax' ? { ...op, id: 'other' } : op)) },
    ].map((other) => fingerprint(other));
    expect(new Set([fingerprint(graph), ...others]).size).toBe(4);
    expect(fingerprint(withWeight(graph, () => {}))).toBe(fingerprint(graph));
  });

  it('tells opaque operators apart by options of 64 bits', () => {
    const graph = open('a.tflite');
    const seeded = (seed: bigint): Graph => ({
      ...graph,
      ops: graph.ops.map(({ attrs: _, ...op }) => ({
        ...op,
        kind: 'opaque',
        attrs: { operator: 'RANDOM_UNIFORM', reason: 'it draws numbers', shapes: [], payload: { seed } },
      })),
    });
    expect(fingerprint(seeded(2n ** 63n))).not.toBe(fingerprint(seeded(2n ** 63n - 1n)));
    expect(fingerprint(seeded(7n))).toBe(fingerprint(seeded(7n)));
  });
});
