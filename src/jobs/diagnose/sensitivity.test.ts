import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelFiles, sourceFiles } from '../../cli/files';
import type { TensorId } from '../../core/graph/graph';
import { argmax } from '../../core/metrics/score';
import { ErrorAccumulator } from '../../core/metrics/error-accumulator';
import { ownTensors } from '../../core/quantize/own-tensors';
import { planQuantization } from '../../core/quantize/resolve';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { TfjsModel } from '../../engine/tfjs/model';
import { FLOAT, simulationOf, type Simulation } from '../../engine/tfjs/simulation';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { readBatch } from '../session/samples';
import { scoredTensor, logitsTensor } from '../session/scoring';

const SAMPLES = join(import.meta.dirname, '../../../public/samples');
const COARSE: QuantSettings = { ...DEFAULT_SETTINGS, weights: { ...DEFAULT_SETTINGS.weights, granularity: 'tensor' } };
const COUNT = 70; // two batches and a rest

describe('sensitivity of the layers', () => {
  const studio = new TestSession();
  let before = 0;
  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: modelFiles(join(SAMPLES, 'digits-rescaled/model/model.json')) });
    const files = sourceFiles(join(SAMPLES, 'digits/digits.npz'));
    await studio.run('openData', { files, seed: 42, calibrationSamples: 100, evaluationSamples: 200 });
    await studio.run('calibrate', {});
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  const graph = () => studio.session.model.graph;
  const plan = () => planQuantization(graph(), studio.session.calibration, COARSE);

  /** Output and what goes into the softmax, of a model loaded for this alone. */
  async function outputs(simulation: Simulation) {
    const { data } = studio.session;
    const model = TfjsModel.load(graph(), { simulate: simulation });
    const batch = await readBatch(data.reader, graph(), data.split.evaluation.subarray(0, COUNT));
    const [logits, output] = [logitsTensor(graph()), scoredTensor(graph())];
    const values = await model.run(batch, [logits, output]);
    model.dispose();
    return { logits: values.get(logits)!.data as Float32Array, output: values.get(output)!.data as Float32Array };
  }

  function accuracy(values: Float32Array): number {
    const { source, split } = studio.session.data;
    const hits = Array.from(split.evaluation.subarray(0, COUNT)).filter(
      (index, i) => argmax(values.subarray(10 * i, 10 * i + 10)) === source.labels![index],
    );
    return hits.length / COUNT;
  }

  function sqnr(float: Float32Array, test: Float32Array): number {
    const errors = new ErrorAccumulator();
    errors.add(float, test);
    return errors.result().sqnrDb;
  }

  it.each([
    ['alone', 'both'],
    ['alone', 'weights'],
    ['alone', 'activations'],
    ['all-but', 'both'],
    ['all-but', 'weights'],
    ['all-but', 'activations'],
  ] as const)('%s, %s: the same as models loaded for each layer', async (mode, part) => {
    const { result } = await studio.run('sensitivity', { settings: COARSE, samples: COUNT, mode, part });
    const full = simulationOf(graph(), plan(), part);
    const [float, whole] = [await outputs(FLOAT), await outputs(full)];
    const own = ownTensors(graph(), plan());
    expect(result.length).toBe(part === 'weights' ? Object.keys(plan().weights).length : own.size);
    for (const row of result) {
      const isOwn = <T>(map: ReadonlyMap<string, T>, mine: ReadonlySet<string>) =>
        new Map([...map].filter(([id]) => mine.has(id) === (mode === 'alone')));
      const constants = new Set(graph().ops.find(({ id }) => id === row.op)!.inputs.filter((id): id is TensorId => !!id)); // prettier-ignore
      const one = await outputs({
        activations: isOwn(full.activations, new Set(own.get(row.op))),
        weights: isOwn(full.weights, constants),
        biases: isOwn(full.biases, new Set([row.op])),
      });
      const isSoftmax = row.op === graph().ops.at(-1)!.id;
      const place = isSoftmax ? 'output' : 'logits';
      expect(row.sqnrDb).toBeCloseTo(sqnr(float[place], one[place]), 3);
      const against = mode === 'alone' ? float : whole;
      expect(row.delta).toBeCloseTo(accuracy(one.output) - accuracy(against.output), 9);
      if (mode === 'alone') expect(row.gainDb).toBeUndefined();
      else expect(row.gainDb).toBeCloseTo(sqnr(float[place], one[place]) - sqnr(float[place], whole[place]), 3);
      expect(row.samples).toBe(COUNT);
    }
    const costs = result.map(({ sqnrDb, gainDb }) => gainDb ?? -sqnrDb);
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
  });

  it('shows layers one by one in the first batch, a likely one first, and all of them more accurately after each other', async () => {
    const { result, partials } = await studio.run('sensitivity', { settings: COARSE, samples: COUNT });
    const layers = result.length;
    expect(partials.map((rows) => rows.length)).toEqual([
      ...Array.from({ length: layers }, (_, i) => i + 1),
      layers,
      layers,
    ]);
    expect(partials.at(-1)).toEqual(result);
    expect(partials[layers - 1][0].samples).toBe(32);
    expect(partials[layers][0].samples).toBe(64);
    // The first one shown is among the worst half.
    const rank = result.findIndex(({ op }) => op === partials[0][0].op);
    expect(rank).toBeLessThan(layers / 2);
  });

  it('keeps what it found when it is cancelled, and holds nothing', async () => {
    const controller = new AbortController();
    const tensors = liveTensors();
    let seen = 0;
    const job = studio.run(
      'sensitivity',
      { settings: COARSE, samples: 200 },
      { signal: controller.signal, onProgress: ({ fraction }) => fraction > 0.2 && ++seen && controller.abort() },
    );
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toBeGreaterThan(0);
    expect(liveTensors()).toBe(tensors);
  });
});
