/** Models saved by Keras 3 with inputs and outputs beside them, for tests of the layer translators. */
import { memory } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { parseNpz } from '../core/data/npy';
import { tensorOf, withBatch, type Graph } from '../core/graph/graph';
import { initBackend } from '../engine/tfjs/backend';
import { TfjsModel } from '../engine/tfjs/model';
import { nodeHost } from '../engine/tfjs/node-host';
import { readFixture } from './fixtures';

export interface Golden {
  readonly batch: number;
  readonly inputs: readonly Float32Array[];
  readonly outputs: readonly { readonly shape: readonly number[]; readonly data: Float32Array }[];
}

/** Arrays in0, in1, … and out0, out1, … of an .npz. */
export function readGolden(path: string): Golden {
  const arrays = parseNpz(readFixture(path), path);
  const numbered = (prefix: string) => {
    const found = [];
    for (let n = 0; arrays.has(`${prefix}${n}`); n++) found.push(arrays.get(`${prefix}${n}`)!);
    return found;
  };
  const inputs = numbered('in');
  return {
    batch: inputs[0]!.shape[0]!,
    inputs: inputs.map(({ data }) => Float32Array.from(data as Float32Array)),
    outputs: numbered('out').map(({ shape, data }) => ({ shape, data: Float32Array.from(data as Float32Array) })),
  };
}

/** Float outputs of the graph in its output order, by the tfjs engine. */
export async function outputsOf(graph: Graph, inputs: readonly Float32Array[], batch: number): Promise<Float32Array[]> {
  await initBackend(nodeHost());
  const before = memory().numTensors;
  const model = TfjsModel.load(graph);
  const fed = new Map(graph.inputs.map((id, i) => [id, inputs[i]!]));
  const results = await model.run({ size: batch, inputs: fed }, graph.outputs);
  model.dispose();
  expect(memory().numTensors).toBe(before);
  return graph.outputs.map((id) => results.get(id)!.data as Float32Array);
}

/** Runs the graph on the golden inputs; the largest error may be `tolerance` of the largest output. */
export async function expectGolden(graph: Graph, golden: Golden, tolerance: number): Promise<void> {
  expect(graph.inputs).toHaveLength(golden.inputs.length);
  expect(graph.outputs).toHaveLength(golden.outputs.length);
  const actual = await outputsOf(graph, golden.inputs, golden.batch);
  for (const [i, { shape, data }] of golden.outputs.entries()) {
    expect(withBatch(tensorOf(graph, graph.outputs[i]!).shape, golden.batch)).toEqual(shape);
    expectClose(actual[i]!, data, tolerance);
  }
}

export function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const largest = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3);
  const worst = expected.reduce((m, v, i) => Math.max(m, Math.abs(v - actual[i]!)), 0);
  expect(worst / largest).toBeLessThan(tolerance);
}
