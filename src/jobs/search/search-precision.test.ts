import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { writeTflite } from '../../core/model-formats/tflite/write';
import { GraphBuilder } from '../../core/graph/build';
import type { Graph } from '../../core/graph/graph';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { dominates } from '../../core/search/pareto';
import { withPrecisions } from '../../core/search/precisions';
import { everyConfiguration } from '../../testing/oracles/configurations';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { linesNpz, SIDE } from '../../testing/builders/small-model';
import { HeldOutEvaluator } from '../session/held-out-evaluator';
import type { SearchPoint, SearchSpec } from '../contract/search-protocol';

/** Two convolutions, a depthwise one and a dense layer, with weights by chance: 4 layers, 81 configurations of 3 formats. */
function network(): Graph {
  const b = new GraphBuilder('four');
  const random = new Random(8);
  const weights = (name: string, shape: number[]) =>
    b.constant(
      name,
      Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.gaussian() / 4),
      shape,
    );
  const attrs = { strides: [1, 1], padding: 'same', dilations: [1, 1] } as const;
  const relu = { activation: 'relu' } as const;
  const x = b.input('x', [-1, SIDE, SIDE, 1]);
  const [one] = b.op('conv2d', 'one', [x, weights('one/w', [8, 3, 3, 1]), null], { ...attrs, groups: 1 }, relu);
  const [two] = b.op(
    'depthwiseConv2d',
    'two',
    [one, weights('two/w', [1, 3, 3, 8]), null],
    { ...attrs, multiplier: 1 },
    relu,
  );
  const [three] = b.op('conv2d', 'three', [two, weights('three/w', [8, 1, 1, 8]), null], { ...attrs, groups: 1 }, relu);
  const [pooled] = b.op('mean', 'pool', [three], { axes: [1, 2], keepDims: false });
  const [four] = b.op('fullyConnected', 'four', [pooled, weights('four/w', [3, 8]), null], { keepDims: false });
  return b.build([b.op('softmax', 'softmax', [four], { beta: 1 })[0]]);
}

const SPEC: SearchSpec = {
  settings: DEFAULT_SETTINGS,
  precisions: ['float', 'int8', 'int4'],
  cost: 'size',
  quality: 'sqnr',
  accumulator: 'fp16',
  budget: null,
  measurements: 1000,
  seed: 1,
};

const figures = ({ bytes, picojoules, sqnrDb, score }: SearchPoint) => ({ bytes, picojoules, sqnrDb, score });

describe('searchPrecision', () => {
  const studio = new TestSession();
  let before = 0;
  let ops: string[] = [];

  beforeAll(async () => {
    await studio.session.tfjs();
    before = liveTensors();
    await studio.run('openModel', { files: [{ path: 'four.tflite', bytes: writeTflite(network()) }] });
    const files = [{ path: 'lines.npz', bytes: linesNpz(120) }];
    await studio.run('openData', { files, seed: 3, calibrationSamples: 64, evaluationSamples: 32 });
    await studio.run('calibrate', {});
    ops = studio.session.model.graph.ops.filter(({ inputs }) => inputs.length === 3).map(({ id }) => id);
  });
  afterAll(() => expect(studio.close(before)).toBe(0));

  /** Every configuration, each on a model loaded for it alone and each with the bytes of the job that exports. */
  async function bruteForce(settings: QuantSettings, precisions: readonly string[]): Promise<SearchPoint[]> {
    const evaluator = new HeldOutEvaluator(studio.session);
    const controls = {
      signal: new AbortController().signal,
      onProgress: () => undefined,
      step: () => Promise.resolve(),
    };
    const points: SearchPoint[] = [];
    for (const choices of everyConfiguration(ops.length, precisions.length)) {
      const chosen = Object.fromEntries(ops.map((op, i) => [op, precisions[choices[i]]]));
      const tried = withPrecisions(settings, chosen);
      const variant = await studio.session.variants.of(tried, controls, true);
      const { bytes } = (await studio.run('exportFile', { settings: tried })).result;
      const { planned } = (await studio.run('cost', { settings: tried, accumulator: 'fp16' })).result;
      points.push({
        precisions: chosen,
        bytes: bytes.byteLength,
        storable: true,
        picojoules: planned.total.aluPicojoules,
        ...(await evaluator.of(variant, tried, controls)),
      });
    }
    return points;
  }

  function frontOf(points: readonly SearchPoint[], costOf: (point: SearchPoint) => number) {
    const measured = points.map((point) => ({ point, cost: costOf(point), quality: point.sqnrDb, tieBreak: 0 }));
    return measured
      .filter((a) => !measured.some((b) => dominates(b, a)))
      .sort((a, b) => a.cost - b.cost)
      .map(({ point }) => point);
  }

  it.each(['size', 'energy'] as const)(
    'finds the front of all configurations that counting out finds, by %s',
    async (cost) => {
      const { result } = await studio.run('searchPrecision', { ...SPEC, cost });
      expect(result).toMatchObject({ measured: 81, possible: 81, samples: 16, layers: ops, fixed: [], chosen: null });
      const all = await bruteForce(DEFAULT_SETTINGS, SPEC.precisions);
      const front = frontOf(all, (point) => (cost === 'size' ? point.bytes : point.picojoules));
      expect(front.length).toBeGreaterThan(4);
      expect(result.front.map(figures)).toEqual(front.map(figures));
    },
    60_000,
  );

  it('reports whole results on the way: never a point that another beats, more measured each time', async () => {
    const { partials, result } = await studio.run('searchPrecision', { ...SPEC, quality: 'score', cost: 'energy' });
    expect(partials).toHaveLength(81);
    partials.forEach(({ front, measured }, i) => {
      expect(measured).toBe(i + 1);
      front.forEach((a, k) => {
        const next = front[k + 1];
        if (next) expect(next.picojoules > a.picojoules && next.score.value > a.score.value).toBe(true);
      });
    });
    expect(partials.at(-1)).toEqual(result);
    expect(result.samples).toBe(40); // 16 held ones and the 24 of neither split
    // Of what is at least as good as float, the cheapest is enough: beyond that it is luck.
    const float = result.references[0].score.value;
    expect(result.front.filter(({ score }) => score.value >= float).length).toBeLessThanOrEqual(1);
    expect(result.references.map(({ label }) => label)).toEqual(['Float model', 'INT8 throughout', 'INT4 throughout']);
  });

  it('is the same with the same seed, also after all that was measured is forgotten', async () => {
    const spec = { ...SPEC, measurements: 30 };
    const first = await studio.run('searchPrecision', spec);
    studio.session.measurements.clear();
    const again = await studio.run('searchPrecision', spec);
    expect(again.result).toEqual(first.result);
    expect(again.partials).toEqual(first.partials);
    expect(first.result.measured).toBe(30);
    expect(first.stages).toEqual([
      'Running the float model',
      'Measuring each format throughout',
      'Measuring each layer',
      'Measuring what the layers predict',
      ...first.stages.slice(4),
    ]);
  });

  it('stops within a batch, keeps what it has, and goes on from there', async () => {
    studio.session.measurements.clear();
    const controller = new AbortController();
    const job = studio.run('searchPrecision', SPEC, {
      signal: controller.signal,
      onProgress: () => studio.session.measurements.size >= 12 && controller.abort(),
    });
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
    const measured = studio.session.measurements.size;
    expect(measured).toBe(12);
    const { partials } = await studio.run('searchPrecision', SPEC);
    expect(partials[measured - 1]).toMatchObject({ measured });
    expect(partials[measured - 1].front.length).toBeGreaterThan(0);
  });

  it('has the size of the very file, and settings that quantize so', async () => {
    const { result } = await studio.run('searchPrecision', {
      ...SPEC,
      budget: { kind: 'loss', most: 0.2 },
      quality: 'score',
    });
    const chosen = result.front[result.chosen!];
    const [float] = result.references;
    expect(chosen.score.value).toBeGreaterThanOrEqual(float.score.value - 0.2);
    for (const point of result.front.slice(0, result.chosen!))
      expect(point.score.value).toBeLessThan(float.score.value - 0.2);
    const settings = withPrecisions(DEFAULT_SETTINGS, chosen.precisions);
    const { result: exported } = await studio.run('exportFile', { settings });
    expect(exported.bytes.byteLength).toBe(chosen.bytes);
    const { result: verified } = await studio.run('verify', { file: exported.bytes, compareSamples: 2 });
    expect(verified.runtime.mismatches).toBe(0);
  });

  it('takes formats that no file holds, says so, and guesses the size of those', async () => {
    const precisions = ['int8', 'fp8', 'int16x8', 'int16'];
    const { result } = await studio.run('searchPrecision', { ...SPEC, precisions, measurements: 24 });
    const of = (label: string) => result.references.find((mark) => mark.label === `${label} throughout`)!;
    for (const label of ['INT8', 'INT16×8']) expect(of(label).storable).toBe(true);
    for (const label of ['FP8', 'INT16']) expect(of(label).storable).toBe(false);
    // 72 + 72 + 64 + 24 weights with a byte more each; biases are the same four bytes.
    expect(of('INT16').bytes - of('INT8').bytes).toBe(232);
    const activations = { ...DEFAULT_SETTINGS.activations, format: 'int16' };
    const { result: exported } = await studio.run('exportFile', { settings: { ...DEFAULT_SETTINGS, activations } });
    expect(of('INT16×8').bytes).toBe(exported.bytes.byteLength); // a real file as well
    expect(of('INT16').sqnrDb).toBeGreaterThan(of('INT8').sqnrDb + 5);
  });

  it('leaves layers alone that rules decide about, and does without what would have to be learnt', async () => {
    const settings: QuantSettings = {
      ...DEFAULT_SETTINGS,
      rules: [{ place: 'ends', override: { weightFormat: 'int8' } }],
      algorithms: [{ id: 'adaround', params: { iterations: 100 } }],
    };
    const { result, stages } = await studio.run('searchPrecision', { ...SPEC, settings });
    expect(result.layers).toEqual(ops.slice(1, 3));
    expect(result.fixed).toEqual([ops[0], ops[3]].map((op) => ({ op, reason: 'a rule decides its format' })));
    expect(result.possible).toBe(9);
    expect(result.notes).toEqual([expect.stringContaining('without AdaRound')]);
    expect(stages.some((stage) => stage.includes('AdaRound'))).toBe(false);
  });

  it('refuses what cannot be searched, in words', async () => {
    const run = (change: Partial<SearchSpec>) => studio.run('searchPrecision', { ...SPEC, ...change });
    await expect(run({ precisions: [] })).rejects.toMatchObject({ code: 'invalid-settings' });
    await expect(run({ precisions: ['int8', 'int7b'] })).rejects.toThrow(/no precision "int7b"/);
    await expect(run({ budget: { kind: 'loss', most: 0.1 } })).rejects.toThrow(/against float/);
    const all = { ...DEFAULT_SETTINGS, rules: [{ override: { weightFormat: 'int8' } }] };
    await expect(run({ settings: all })).rejects.toThrow(/no layer whose format/);
  });
});
