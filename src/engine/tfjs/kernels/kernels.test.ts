import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { elementCount, tensorOf } from '../../../core/graph/graph';
import type { OpKind } from '../../../core/graph/ops/attrs';
import { OPS } from '../../../core/graph/ops/table';
import { runNaive } from '../../../testing/oracles/naive-float';
import { Draw } from '../../../testing/builders/draw';
import { RANDOM_OPS } from '../../../testing/builders/random-ops';
import { initBackend } from '../backend';
import { TfjsModel } from '../model';
import { nodeHost } from '../node-host';

const ROUNDS = 24;

describe.each(['wasm', 'cpu'] as const)('kernels on %s against the naive interpreter', (name) => {
  beforeAll(async () => {
    await initBackend(nodeHost(), name);
    await setBackend(name);
  });

  it.each(Object.keys(OPS) as OpKind[])('%s', async (kind) => {
    const before = memory().numTensors;
    for (let round = 0; round < ROUNDS; round++) {
      const draw = new Draw(new Random(round, kind.length), name);
      RANDOM_OPS[kind](draw);
      const graph = draw.builder.build(draw.outputs);
      const size = draw.int(1, 3);
      const inputs = new Map(
        graph.inputs.map((id) => [id, draw.values(elementCount(tensorOf(graph, id).shape, size))]),
      );
      const expected = runNaive(graph, inputs, size);
      const model = TfjsModel.load(graph);
      const actual = await model.run({ size, inputs }, graph.outputs);
      model.dispose();
      for (const id of graph.outputs) {
        const values = expected.get(id)!.data;
        const largest = values.reduce((max, v) => Math.max(max, Math.abs(v)), 1e-3);
        const error = values.reduce((max, v, i) => Math.max(max, Math.abs(v - (actual.get(id)!.data[i] as number))), 0);
        const what = `round ${round}: ${JSON.stringify(graph.ops.at(-1))}`;
        expect(actual.get(id)!.shape, what).toEqual(expected.get(id)!.shape);
        expect(actual.get(id)!.data.length, what).toBe(values.length);
        expect(error / largest, what).toBeLessThan(1e-5);
      }
    }
    expect(memory().numTensors).toBe(before);
  });
});
