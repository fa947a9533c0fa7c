/** Every float .tflite and .bin fixture all of whose ops are modelled computes what LiteRT.js computes of the file itself. */
import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTflite } from '../../core/model-formats/tflite/read';
import { elementCount, tensorOf, withBatch, type Graph, type TensorData } from '../../core/graph/graph';
import { isOpaque } from '../../core/graph/partition';
import { isQuantized } from '../../core/graph/passes/recover-float';
import { haveFixtures } from '../../testing/fixtures/fixtures';
import { bootLiteRt, Dice } from '../../testing/oracles/litert-oracle';
import { modelFixtures } from '../../testing/fixtures/model-fixtures';
import { initBackend } from '../tfjs/backend';
import { TfjsModel } from '../tfjs/model';
import { nodeHost } from '../tfjs/node-host';

const TOLERANCE = 1e-4;

/** Files that are not compared, and why. */
const VARIABLES = 'LiteRT.js refuses files with variables; trained_lstm has a golden of TensorFlow Lite';
const HYBRID =
  'its int8 weights meet activations that LiteRT quantizes as it goes; a golden of TensorFlow Lite is compared';
const LEFT_OUT: Readonly<Record<string, string>> = {
  'conformance/litert_tflite_testdata/conv_huge_im2col.bin':
    'twelve million pixels to test how LiteRT allocates memory; the same ops are compared on small ones',
  'conformance/litert_quant_testdata/unidirectional_sequence_lstm_calibrated.bin': VARIABLES,
  'tflite/tflm/trained_lstm.tflite': VARIABLES,
  'mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite': HYBRID,
  'tflite/dtln/model_quant_1.tflite': HYBRID,
  'tflite/ultraface/version-slim-320_without_postprocessing.tflite':
    'LiteRT.js reads beyond its memory where the file declares another shape than it computes; it has a golden',
};

function opened(bytes: Uint8Array, name: string): Graph | null {
  try {
    const graph = readTflite(bytes, name);
    return isQuantized(graph) || graph.ops.some(isOpaque) || graph.ops.length === 0 ? null : graph;
  } catch {
    return null;
  }
}

const cases = modelFixtures()
  .filter(({ name }) => /\.(tflite|bin)$/.test(name))
  .map(({ name, files }) => ({ name, bytes: files()[0].bytes }))
  .flatMap(({ name, bytes }) => {
    const graph = opened(bytes, name);
    return graph ? [{ name, bytes, graph }] : [];
  });

/** Numbers an op of any kind can take: positive for roots and logarithms, small for indices. */
function values(count: number, dtype: string, dice: Dice): TensorData {
  if (dtype === 'int32') return Int32Array.from({ length: count }, () => dice.whole(0, 1));
  if (dtype === 'bool') return Uint8Array.from({ length: count }, () => dice.whole(0, 1));
  return Float32Array.from({ length: count }, () => dice.real(0.1, 1));
}

describe.skipIf(!haveFixtures)('float fixtures', () => {
  beforeAll(() => initBackend(nodeHost()));

  it('are many', () => expect(cases.length).toBeGreaterThan(50));

  it.each(cases.filter(({ name }) => !(name in LEFT_OUT)))('$name', { timeout: 120_000 }, async ({ bytes, graph }) => {
    const runtime = (await bootLiteRt()).load(bytes);
    try {
      const dice = new Dice(7);
      const inputs = runtime.inputs.map(({ shape, dtype }) => values(elementCount(shape), dtype, dice));
      const results = runtime.run(inputs);
      const before = memory().numTensors;
      const model = TfjsModel.load(graph);
      const fed = new Map(graph.inputs.map((id, i) => [id, Float32Array.from(inputs[i] as Float32Array)]));
      const outputs = await model.run({ size: 1, inputs: fed }, graph.outputs);
      model.dispose();
      expect(memory().numTensors).toBe(before);
      graph.outputs.forEach((id, i) => {
        const wanted = Float32Array.from(results[i] as Float32Array);
        const got = outputs.get(id)!.data as Float32Array;
        expect(got).toHaveLength(elementCount(withBatch(tensorOf(graph, id).shape, 1)));
        expect(wanted).toHaveLength(got.length);
        const largest = wanted.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3);
        const worst = wanted.reduce((m, v, k) => Math.max(m, Math.abs(v - got[k])), 0);
        expect(worst / largest).toBeLessThan(TOLERANCE);
      });
    } finally {
      runtime.dispose();
    }
  });
});
