/** Every choice for a single layer that a .tflite can express stands in the file, and LiteRT runs it as it was meant. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import { readTflite } from '../../core/model-formats/tflite/read';
import type { Graph, Tensor } from '../../core/graph/graph';
import type { Op } from '../../core/graph/ops/attrs';
import { chooseQuantParams } from '../../core/numerics/affine';
import { INT8_ACTIVATION } from '../../core/number-formats/format';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { fixturePath, haveFixtures } from '../../testing/fixtures/fixtures';
import { liveTensors, TestSession } from '../../testing/builders/session';

const samples = join(import.meta.dirname, '../../../public/samples/digits');

const MODELS = [
  {
    name: 'the digits',
    available: true,
    model: () => join(samples, 'digits.tflite'),
    data: () => join(samples, 'digits.npz'),
  },
  {
    name: 'ResNet8',
    available: haveFixtures,
    model: () => fixturePath('mlperf_tiny/ic/trained_models/pretrainedResnet.tflite'),
    data: () => fixturePath('datasets/cifar10_jpg/test'),
  },
] as const;

describe.each(MODELS)('choices for single layers of $name', ({ available, model, data }) => {
  const studio = new TestSession();
  let before = 0;
  let weighted: Op[] = [];

  beforeAll(async () => {
    if (!available) return;
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(model()) });
    const split = { seed: 42, calibrationSamples: 64, evaluationSamples: 64 };
    await studio.run('openData', { files: sourceFiles(data()), ...split });
    await studio.run('calibrate', {});
    // Those whose int4 weights are packed: depthwise ones stay a byte each.
    weighted = studio.session.model.graph.ops.filter(({ kind }) => kind === 'conv2d' || kind === 'fullyConnected');
  });
  afterAll(() => {
    if (available) expect(studio.close(before)).toBe(0);
  });

  /** The file under these settings, read back; run in LiteRT and compared tensor by tensor. */
  async function file(settings: QuantSettings): Promise<Graph> {
    const { result: exported } = await studio.run('exportFile', { settings });
    const { result: verified } = await studio.run('verify', { file: exported.bytes, compareSamples: 3 });
    expect(verified.runtime).toMatchObject({ mismatches: 0, maxLsb: 0, samples: 3 });
    expect(verified.runtime.elements).toBeGreaterThan(30_000);
    return readTflite(exported.bytes, 'made.tflite');
  }

  /** The op that a layer became, by the output that keeps its name. */
  function opOf(graph: Graph, { outputs }: Op): Op {
    return graph.ops.find((op) => op.outputs[0] === outputs[0] || op.outputs[0] === `${outputs[0]}_float`)!;
  }
  const input = (graph: Graph, op: Op, index: number): Tensor => graph.tensors.get(opOf(graph, op).inputs[index]!)!;

  it.runIf(available)(
    'int4 weights, one scale a tensor, float, a range by hand: all at once, each where it was asked for',
    async () => {
      const [first, narrow, shared, kept] = weighted;
      const ranged = weighted[4];
      const range = { min: 0, max: 1.5 };
      const settings: QuantSettings = {
        ...DEFAULT_SETTINGS,
        layers: {
          [narrow.id]: { weightFormat: 'int4' },
          [shared.id]: { granularity: 'tensor' },
          [kept.id]: { keepFloat: true },
        },
        tensors: { [ranged.outputs[0]]: { range } },
      };
      const graph = await file(settings);
      expect(input(graph, first, 1)).toMatchObject({ dtype: 'int8' });
      expect(input(graph, first, 1).quant!.scale.length).toBeGreaterThan(1);

      expect(input(graph, narrow, 1)).toMatchObject({ dtype: 'int4' });
      expect(input(graph, narrow, 1).quant!.scale.length).toBeGreaterThan(1);
      const codes = Array.from(input(graph, narrow, 1).data as Int8Array, Math.abs);
      expect(codes.reduce((a, b) => Math.max(a, b), 0)).toBe(7);

      expect(input(graph, shared, 1)).toMatchObject({ dtype: 'int8' });
      expect(input(graph, shared, 1).quant!.scale).toHaveLength(1);
      expect(input(graph, shared, 2).quant!.scale).toHaveLength(1);

      expect([0, 1, 2].map((i) => input(graph, kept, i).dtype)).toEqual(['float32', 'float32', 'float32']);

      const { scale, zeroPoint } = chooseQuantParams(range, INT8_ACTIVATION);
      const { quant } = graph.tensors.get(opOf(graph, ranged).outputs[0])!;
      expect([quant!.scale[0], quant!.zeroPoint[0]]).toEqual([scale, zeroPoint]);
    },
    60_000,
  );

  it.runIf(available)(
    'the same by rules, and less of them where a layer says otherwise',
    async () => {
      const last = weighted.length - 1;
      const settings: QuantSettings = {
        ...DEFAULT_SETTINGS,
        rules: [
          { kind: 'conv2d', override: { weightFormat: 'int4', granularity: 'tensor' } },
          { place: 'ends', override: { keepFloat: true } },
        ],
        layers: { [weighted[last].id]: { keepFloat: false }, [weighted[2].id]: { granularity: 'channel' } },
      };
      const graph = await file(settings);
      const dtypes = weighted.map((op) => input(graph, op, 1).dtype);
      expect(dtypes).toEqual(
        weighted.map(({ kind }, i) => (i === 0 ? 'float32' : kind === 'conv2d' ? 'int4' : 'int8')),
      );
      const scales = weighted.map((op) => input(graph, op, 1).quant?.scale.length ?? 0);
      expect(scales[1]).toBe(1);
      expect(scales[2]).toBeGreaterThan(1);
    },
    60_000,
  );

  it.runIf(available)(
    'activations around zero, and weights rounded by chance: exact, and the same by seed',
    async () => {
      const symmetric: QuantSettings = {
        ...DEFAULT_SETTINGS,
        activations: { ...DEFAULT_SETTINGS.activations, codes: 'symmetric' },
        algorithms: [{ id: 'stochastic', params: { seed: 5 } }],
      };
      const graph = await file(symmetric);
      for (const op of weighted) expect(graph.tensors.get(opOf(graph, op).outputs[0])!.quant!.zeroPoint[0]).toBe(0);
      const codes = (made: Graph) => weighted.map((op) => input(made, op, 1).data);
      studio.session.variants.clear();
      expect(codes(await file(symmetric))).toEqual(codes(graph));
      const nearest = await file({ ...symmetric, algorithms: [] });
      expect(codes(nearest)).not.toEqual(codes(graph));
    },
    60_000,
  );

  it.runIf(available)(
    'formats that no file holds are estimated by simulating them, and refused by name when a file is asked for',
    async () => {
      const settings: QuantSettings = {
        ...DEFAULT_SETTINGS,
        rules: [{ kind: 'conv2d', override: { weightFormat: 'fp8-e4m3fn', activationFormat: 'int16' } }],
        layers: { [weighted.at(-1)!.id]: { granularity: 'block' } },
      };
      const { result: probed } = await studio.run('probe', { settings, samples: 40 });
      const { result: evaluated } = await studio.run('evaluate', { settings, samples: 40 });
      expect(probed).toEqual(evaluated.quantized);
      await expect(studio.run('exportFile', { settings })).rejects.toMatchObject({
        code: 'unsupported-feature',
        details: expect.arrayContaining([expect.stringContaining('in blocks of 32')]),
      });
    },
    60_000,
  );

  it.runIf(available)(
    'every layer alone in int4, per tensor, or in float: each of these files is exact',
    async () => {
      for (const [i, op] of weighted.entries()) {
        const override = [{ weightFormat: 'int4' }, { granularity: 'tensor' as const }, { keepFloat: true }][i % 3];
        await file({ ...DEFAULT_SETTINGS, layers: { [op.id]: override } });
      }
    },
    120_000,
  );
});
