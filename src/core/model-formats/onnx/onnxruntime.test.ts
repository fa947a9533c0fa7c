import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { testValues } from '../../../testing/oracles/naive/compare';
import { runAsFile } from '../../../testing/fixtures/onnx-cases';
import { NETWORKS } from '../../../testing/builders/onnx-networks';
import type { Network } from '../../../testing/builders/onnx-networks/weights';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import { normalize } from '../../graph/passes/normalize';
import { readTflite } from '../tflite/read';
import { writeTflite } from '../tflite/write';
import { readOnnx } from './read';

/** Inputs by name, a batch of any size as one. */
function inputsOf({ inputs }: Network) {
  return Object.entries(inputs).map(([name, dims], i) => {
    const shape = dims.map((d) => (typeof d === 'number' ? d : 1));
    const count = shape.reduce((n, d) => n * d, 1);
    return { name, shape, values: testValues(count, 100 + i).map((v) => 2 * v) };
  });
}

describe('networks as exporters write them', () => {
  beforeAll(() => {
    ort.env.wasm.numThreads = 1;
  });

  it.each(Object.entries(NETWORKS))('%s: as onnxruntime computes it', async (_name, network) => {
    const bytes = writeOnnx(network);
    const inputs = inputsOf(network);
    const session = await ort.InferenceSession.create(bytes);
    const expected = await session.run(
      Object.fromEntries(inputs.map(({ name, shape, values }) => [name, new ort.Tensor('float32', values, shape)])),
    );
    const graph = readOnnx(bytes, 'network.onnx');
    expect(graph.outputs).toEqual(network.outputs);
    expect(graph.ops.filter(({ kind }) => kind === 'transpose')).toHaveLength(network.transposes ?? 0);
    for (const [what, version] of [
      ['as read', graph],
      ['normalized', normalize(graph)],
      ['through .tflite', readTflite(writeTflite(normalize(graph)), 'network.tflite')],
    ] as const) {
      const outputs = runAsFile(
        { ...version, provenance: graph.provenance },
        new Map(inputs.map((input) => [input.name, input])),
      );
      outputs.forEach(({ shape, data }, i) => {
        const wanted = expected[network.outputs[i]];
        expect(shape, what).toEqual([...wanted.dims]);
        const largest = (wanted.data as Float32Array).reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
        data.forEach((v, at) =>
          expect(Math.abs(v - Number(wanted.data[at])), `${what}, ${at}`).toBeLessThan(1e-5 * largest),
        );
      });
    }
    await session.release();
  });
});
