import { beforeAll, describe, expect, it } from 'vitest';
import { readTflite } from '../../core/model-formats/tflite/read';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { BATCH, elementCount, tensorOf, type Graph, type TensorData } from '../../core/graph/graph';
import { normalize } from '../../core/graph/passes/normalize';
import { validateGraph } from '../../core/graph/validate';
import { quantizeGraph } from '../../core/quantize/quantize-graph';
import { DEFAULT_SETTINGS } from '../../core/quantize/settings';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { bootLiteRt, Dice } from '../../testing/oracles/litert-oracle';
import { minMaxPlan, runFloat } from '../../testing/oracles/minmax-plan';
import type { LiteRt } from '../litert/runtime';
import { compareWithRuntime } from './compare';
import { IntegerModel } from './model';
import { xnnpack } from './profiles/xnnpack';

const SAMPLES = 8;

/** Random values of a graph's inputs, in their own types. */
function randomInputs(graph: Graph, dice: Dice, low = -2, high = 2): TensorData[] {
  return graph.inputs.map((id) => {
    const { dtype, shape } = tensorOf(graph, id);
    if (dtype === 'int8') return dice.codes(elementCount(shape));
    if (dtype === 'uint8') return Uint8Array.from(dice.codes(elementCount(shape)));
    return Float32Array.from({ length: elementCount(shape) }, () => dice.real(low, high));
  });
}

const isQuantized = (graph: Graph, id: string) => tensorOf(graph, id).dtype !== 'float32';

describe.skipIf(!haveFixtures)('against LiteRT.js, every tensor of every sample', () => {
  let runtime: LiteRt;
  beforeAll(async () => {
    runtime = await bootLiteRt();
  });

  async function expectNoDifference(graph: Graph, samples: readonly TensorData[][]): Promise<void> {
    const rows = await compareWithRuntime(graph, runtime, xnnpack, samples);
    const integerTensors = graph.ops.flatMap((op) => op.outputs).filter((id) => isQuantized(graph, id));
    expect(rows.map((row) => row.tensor)).toEqual(integerTensors);
    for (const row of rows)
      expect(row).toEqual({
        tensor: row.tensor,
        elements: samples.length * elementCount(tensorOf(graph, row.tensor).shape),
        mismatches: 0,
        maxLsb: 0,
      });
  }

  it.each([
    'mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite',
    'mlperf_tiny/kws/trained_models/kws_ref_model.tflite',
    'mlperf_tiny/vww/trained_models/vww_96_int8.tflite',
    'mlperf_tiny/ad/trained_models/ad01_int8.tflite',
    'mlperf_tiny/sww/trained_models/str_ww_ref_model.tflite',
    'tflite/tflm/hello_world_int8.tflite',
    'tflite/tflm/person_detect.tflite',
    'conformance/ai_edge_quantizer_models/conv_fc_mnist_srq_a8w8.tflite',
    'conformance/litert_quant_testdata/fc_qat.bin',
  ])("TensorFlow's own int8 file %s", async (path) => {
    const graph = readTflite(readFixture(path), path);
    const dice = new Dice(1);
    await expectNoDifference(
      graph,
      Array.from({ length: SAMPLES }, () => randomInputs(graph, dice)),
    );
  });

  describe.each([
    ['ic/trained_models/pretrainedResnet.tflite', 0, 255],
    ['kws/trained_models/kws_ref_model_float32.tflite', -40, 40],
    ['vww/trained_models/vww_96_float.tflite', 0, 1],
    ['ad/trained_models/ad01_fp32.tflite', -2, 2],
  ])('%s, quantized here', (path, low, high) => {
    let graph: Graph;
    let samples: Float32Array[][];
    let runs: ReturnType<typeof runFloat>;
    beforeAll(() => {
      graph = normalize(readTflite(readFixture(`mlperf_tiny/${path}`), path));
      const dice = new Dice(2);
      samples = Array.from({ length: SAMPLES }, () => randomInputs(graph, dice, low, high) as Float32Array[]);
      runs = runFloat(runtime, graph, samples);
    });

    it('with float inputs and outputs', async () => {
      const quantized = quantizeGraph(graph, minMaxPlan(graph, runs), { ...DEFAULT_SETTINGS, io: 'float32' });
      validateGraph(quantized);
      expect([...quantized.inputs, ...quantized.outputs]).toEqual([...graph.inputs, ...graph.outputs]);
      await expectNoDifference(quantized, samples);
      // The file computes what the float model does: its output's error is a fraction of its signal.
      const model = runtime.load(writeTflite(quantized));
      let [signal, noise] = [0, 0];
      samples.forEach((inputs, n) => {
        const expected = runs[n].get(graph.outputs[0])!;
        (model.run(inputs)[0] as Float32Array).forEach((value, i) => {
          signal += expected[i] ** 2;
          noise += (value - expected[i]) ** 2;
        });
      });
      model.dispose();
      expect(10 * Math.log10(signal / noise)).toBeGreaterThan(14);
    });

    it('with int8 inputs and outputs, read back from the file', async () => {
      const quantized = quantizeGraph(graph, minMaxPlan(graph, runs), DEFAULT_SETTINGS);
      const read = readTflite(writeTflite(quantized), 'exported.tflite');
      for (const id of [...read.inputs, ...read.outputs]) expect(tensorOf(read, id).dtype).toBe('int8');
      const dice = new Dice(3);
      const inputs = Array.from({ length: SAMPLES }, () => randomInputs(read, dice));
      await expectNoDifference(read, inputs);
      // Listing every tensor as an output could change what the runtime does; the file itself does the same.
      const model = runtime.load(writeTflite(quantized));
      const reference = IntegerModel.load(quantized, xnnpack);
      for (const [codes] of inputs) {
        const computed = reference.run(new Map([[quantized.inputs[0], codes]]));
        expect(model.run([codes])[0]).toEqual(computed.get(quantized.outputs[0])!.data);
      }
      model.dispose();
    });

    it('with every third op left in float', async () => {
      const kept = graph.ops.filter((_, i) => i % 3 === 1).map((op) => op.id);
      const quantized = quantizeGraph(graph, minMaxPlan(graph, runs, kept), DEFAULT_SETTINGS);
      validateGraph(quantized);
      const reference = IntegerModel.load(quantized, xnnpack);
      expect(reference.needs()).toEqual(quantized.ops.filter((op) => kept.includes(op.id)).flatMap((op) => op.outputs));
      const dice = new Dice(4);
      await expectNoDifference(
        quantized,
        Array.from({ length: SAMPLES }, () => randomInputs(quantized, dice)),
      );
    });
  });

  it('counts differences, op by op when each is fed the values of the runtime', async () => {
    const path = 'mlperf_tiny/ic/trained_models/pretrainedResnet_quant.tflite';
    const graph = readTflite(readFixture(path), path);
    const truncating = { ...xnnpack, averagePool: (sum: number, count: number) => Math.floor(sum / count) };
    const rows = await compareWithRuntime(graph, runtime, truncating, [randomInputs(graph, new Dice(5))], {
      feed: 'every-op',
    });
    const wrong = rows.filter((row) => row.mismatches > 0);
    const pool = graph.ops.find((op) => op.kind === 'averagePool2d')!;
    expect(wrong.map((row) => row.tensor)).toEqual(pool.outputs);
    expect(wrong[0].maxLsb).toBe(1);
  });

  it('frees the runtime when its samples end in an error', async () => {
    const path = 'mlperf_tiny/ad/trained_models/ad01_int8.tflite';
    const graph = readTflite(readFixture(path), path);
    const failing = function* () {
      yield randomInputs(graph, new Dice(6));
      throw new DOMException('', 'AbortError');
    };
    const attempt = () => compareWithRuntime(graph, runtime, xnnpack, failing());
    await expect(attempt()).rejects.toThrow(DOMException);
    const before = runtime.heapBytes;
    for (let i = 0; i < 20; i++) await attempt().catch(() => undefined);
    expect(runtime.heapBytes).toBe(before);
  });

  it('gives a batch the rows of its samples', () => {
    const path = 'mlperf_tiny/kws/trained_models/kws_ref_model_float32.tflite';
    const float = normalize(readTflite(readFixture(path), path));
    const dice = new Dice(7);
    const samples = [0, 1, 2].map(() => randomInputs(float, dice, -40, 40) as Float32Array[]);
    const graph = quantizeGraph(float, minMaxPlan(float, runFloat(runtime, float, samples)), DEFAULT_SETTINGS);
    const [input, output] = [graph.inputs[0], graph.outputs[0]];
    expect(tensorOf(graph, input).shape[0]).toBe(BATCH);
    const model = IntegerModel.load(graph, xnnpack);
    const rows = [0, 1, 2].map(() => randomInputs(graph, dice)[0] as Int8Array);
    const together = model.run(new Map([[input, Int8Array.from(rows.flatMap((row) => [...row]))]])).get(output)!;
    const apart = rows.flatMap((row) => [...(model.run(new Map([[input, row]])).get(output)!.data as Int8Array)]);
    expect(together.shape[0]).toBe(3);
    expect([...(together.data as Int8Array)]).toEqual(apart);
  });
});
