import { describe, expect, it } from 'vitest';
import { committedArchive } from '../../../testing/fixtures/golden-archives';
import { expectGolden, outputsOf, parseGolden } from '../../../testing/fixtures/keras-goldens';
import { haveCases, readCase } from '../../../testing/fixtures/cases';
import { BATCH, tensorOf } from '../../graph/graph';
import { normalize } from '../../graph/passes/normalize';
import { readTflite } from './read';
import { writeTflite } from './write';

const FILES = committedArchive('open-batch.zip');
const KINDS = [...FILES.keys()].filter((path) => path.endsWith('.tflite')).map((path) => path.replace('.tflite', ''));

/** Kinds whose files copy a constant once for each sample of a batch of one. */
const FIXED: ReadonlySet<string> = new Set(['lstm_dense', 'patches', 'space_to_batch', 'time_distributed']);

/** scripts/oracles/open_batch.py makes them. */
describe('models whose batch the converter leaves open', () => {
  it.each(KINDS)("%s: opens, and computes what TensorFlow's interpreter does", async (kind) => {
    const golden = parseGolden(FILES.get(`${kind}.npz`)!, kind);
    const graph = readTflite(FILES.get(`${kind}.tflite`)!, `${kind}.tflite`);
    const normal = normalize(graph);
    await expectGolden(graph, golden, 2e-6);
    await expectGolden(normal, golden, 2e-6);
    await expectGolden(readTflite(writeTflite(normal), kind), golden, 2e-6);
    if (FIXED.has(kind)) return;
    expect(tensorOf(normal, normal.inputs[0]).shape[0]).toBe(BATCH);
    const twice = golden.inputs.map((values) => Float32Array.of(...values, ...values));
    const outputs = await outputsOf(normal, twice, 2);
    outputs.forEach((values, i) => {
      const { data } = golden.outputs[i];
      const largest = data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      values.forEach((v, at) => expect(Math.abs(v - data[at % data.length])).toBeLessThan(2e-6 * largest));
    });
  });

  it.skipIf(!haveCases).each(['dilated-conv2d', 'dilated-depthwise-odd', 'dense-3d', 'attention'])(
    '%s as it was reported opens with an open batch',
    (name) => {
      const graph = normalize(readTflite(readCase(`${name}.tflite`), name));
      expect(tensorOf(graph, graph.inputs[0]).shape[0]).toBe(BATCH);
      expect(graph.ops.some(({ kind }) => kind === 'opaque')).toBe(false);
    },
  );
});
