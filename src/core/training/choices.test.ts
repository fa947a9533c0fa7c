/** The small decisions of a training: rates, schedules, which epoch is kept, where ranges start, whose batch norm returns. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { GraphBuilder } from '../graph/build';
import type { Graph } from '../graph/graph';
import { normalize } from '../graph/passes/normalize';
import { FORMATS } from '../number-formats/table';
import type { QuantPlan } from '../quantize/plan';
import { planQuantization } from '../quantize/resolve';
import { DEFAULT_SETTINGS, type QuantSettings } from '../quantize/settings';
import { Observer } from '../calibration/observer';
import { batchNormalized } from './batch-norm';
import { paceOf, roundingNoise } from './rounding-noise';
import { SCHEDULES, warmUp } from './schedules';
import { doubtOf, holdsUp, isBetter } from './selection';
import { checkQatSettings, DEFAULT_QAT } from './settings';
import { startPlan } from './start-plan';

const formatOf = (id: string) => FORMATS.find((row) => row.id === id)!;

describe('rounding noise', () => {
  it.each([
    // Best-clip SQNR on N(0,1), dB.
    ['int2', 7.21],
    ['int3', 13.29],
    ['int4', 18.9],
    ['int6', 29.71],
    ['int8', 40.54],
    ['flex-e3m4', 37.56],
    ['flex-e4m3', 31.56],
    ['flex-e5m2', 25.58],
  ])('of %s is near what the best clip gives: %f dB', (id, decibels) => {
    expect(-20 * Math.log10(roundingNoise(formatOf(id).weights))).toBeGreaterThan(decibels - 1);
    expect(-20 * Math.log10(roundingNoise(formatOf(id).weights))).toBeLessThan(decibels + 1);
  });

  const planned = (weights: string, activations: string, input = activations): QuantPlan => ({
    weights: { w: { tensor: 'w', format: formatOf(weights).weights } as QuantPlan['weights'][string] },
    activations: {
      x: { tensor: 'x', format: formatOf(input).activations } as QuantPlan['activations'][string],
      y: { tensor: 'y', format: formatOf(activations).activations } as QuantPlan['activations'][string],
    },
    keptFloat: [],
    notes: [],
  });

  it('sets the pace: one for INT4 and below, slower for finer formats, whatever the inputs are', () => {
    expect(paceOf(planned('int4', 'int4'), ['x'])).toBeCloseTo(1, 12);
    expect(paceOf(planned('int2', 'int3'), ['x'])).toBe(1);
    expect(paceOf(planned('int4', 'int8'), ['x'])).toBeCloseTo(Math.SQRT1_2, 2);
    expect(paceOf(planned('int8', 'int8'), ['x'])).toBeCloseTo(10 ** ((18.9 - 40.5) / 20), 3);
    expect(paceOf(planned('int8', 'int8', 'int2'), ['x'])).toBe(paceOf(planned('int8', 'int8'), ['x']));
  });
});

describe('schedules', () => {
  it('fall from one', () => {
    expect(Object.values(SCHEDULES).map((factor) => factor(0))).toEqual([1, 1, 1]);
    expect(SCHEDULES.cosine(0.5)).toBeCloseTo(0.5, 12);
    expect(SCHEDULES.cosine(1)).toBeCloseTo(0, 12);
    expect([0.4, 0.6, 0.8].map(SCHEDULES.step)).toEqual([1, 0.1, 0.01]);
  });

  it('warm up in a straight line', () => {
    const factors = Array.from({ length: 12 }, (_, step) => warmUp(step, 90, 0.1));
    factors.slice(0, 10).forEach((factor, step) => expect(factor).toBeCloseTo((step + 1) / 10, 12));
    expect(factors.slice(10)).toEqual([1, 1]);
    expect(warmUp(0, 90, 0)).toBe(1);
  });
});

describe('the better of two epochs', () => {
  const figures = (validationAccuracy: number | null, validationLoss: number) => ({
    validationAccuracy,
    validationLoss,
  });
  it('has more right answers where that is no chance, else the smaller loss', () => {
    expect(isBetter(figures(0.9, 2), figures(0.6, 1), 100)).toBe(true);
    expect(isBetter(figures(0.6, 1), figures(0.9, 2), 100)).toBe(false);
    expect(isBetter(figures(0.96, 2), figures(0.95, 1), 60)).toBe(false); // one sample of sixty
    expect(isBetter(figures(0.96, 2), figures(0.95, 1), 10_000)).toBe(true);
    expect(isBetter(figures(null, 1), figures(null, 2), 60)).toBe(true);
    expect(isBetter(figures(1, 1), figures(1, 1), 60)).toBe(false);
  });
  it('is never one that answers fewer right than the untrained model', () => {
    expect(holdsUp(figures(0.94, 0.1), figures(0.95, 1))).toBe(false);
    expect(holdsUp(figures(0.95, 0.1), figures(0.95, 1))).toBe(true);
    expect(holdsUp(figures(null, 0.1), figures(null, 1))).toBe(true);
  });
  it('is doubted where it is no better, or within two standard errors: 3.9 points of 90 % and 200 samples', () => {
    const before = figures(0.9, 1);
    expect(doubtOf(before, before, 200)).toContain('the untrained one is kept');
    expect(doubtOf(figures(0.93, 0.5), before, 200)).toContain('93.0 % are right after training, 90.0 % before');
    expect(doubtOf(figures(0.96, 0.5), before, 200)).toBeNull();
    expect(doubtOf(figures(null, 0.5), figures(null, 1), 200)).toBeNull();
  });
});

/** conv → batch norm → relu → conv → (batch norm, add): the second norm has nothing to be folded into alone. */
function withBatchNorm(): Graph {
  const random = new Random(2);
  const b = new GraphBuilder('normalized');
  const draw = (name: string, shape: number[], low = -1) =>
    b.constant(
      name,
      Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.uniform(low, 1)),
      shape,
    );
  const conv = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
  const norm = (of: string) => ['gamma', 'beta', 'mean', 'variance'].map((part) => draw(`${of}/${part}`, [4], 0.1));
  const x = b.input('x', [-1, 4, 4, 4]);
  const [y] = b.op('conv2d', 'first', [x, draw('w1', [4, 3, 3, 4]), draw('b1', [4])], conv);
  const [n] = b.op('batchNorm', 'norm', [y, ...norm('norm')], { epsilon: 1e-3 });
  const [r] = b.op('relu', 'relu', [n], {});
  const [z] = b.op('conv2d', 'second', [r, draw('w2', [4, 1, 1, 4]), draw('b2', [4])], conv);
  const [m] = b.op('batchNorm', 'late', [z, ...norm('late')], { epsilon: 1e-3 });
  return b.build(b.op('add', 'sum', [z, m], {}));
}

describe('batch norm that may be put back', () => {
  it('is that which was folded into the op before it', () => {
    const source = withBatchNorm();
    const graph = normalize(source);
    expect(graph.ops.some(({ kind }) => kind === 'batchNorm')).toBe(false);
    expect([...batchNormalized(source, graph)]).toEqual(['first']);
    expect(batchNormalized(graph, graph).size).toBe(0);
  });
});

describe('ranges to start from', () => {
  const graph = normalize(withBatchNorm());
  const random = new Random(3);
  const stats = () => {
    const observer = new Observer();
    observer.observe(Float32Array.from({ length: 5000 }, () => random.gaussian() ** 3));
    return observer.stats();
  };
  const calibration = {
    activations: Object.fromEntries(
      [...graph.inputs, ...graph.ops.flatMap((op) => op.outputs)].map((id) => [id, stats()]),
    ),
    weights: {},
    samples: 1,
  };
  const settings = (weights: string, activations: string): QuantSettings => ({
    ...DEFAULT_SETTINGS,
    weights: { ...DEFAULT_SETTINGS.weights, format: weights },
    activations: { ...DEFAULT_SETTINGS.activations, format: activations },
  });
  const width = ({ min, max }: { min: number; max: number }) => max - min;

  it('clip where formats are coarse, and are those of the settings where they are not', () => {
    const [plain, fitted] = (['settings', 'fitted'] as const).map((start) =>
      startPlan(graph, calibration, settings('int8', 'int4'), start),
    );
    expect(fitted.weights).toEqual(plain.weights);
    for (const [id, { range }] of Object.entries(fitted.activations))
      expect(width(range)).toBeLessThan(0.8 * width(plain.activations[id].range));
    expect(startPlan(graph, calibration, settings('int8', 'int8'), 'fitted')).toEqual(
      planQuantization(graph, calibration, settings('int8', 'int8')),
    );
  });

  it('follow LSQ’s rule where that is asked for: steps of 2·E|x| / √Q', () => {
    const { activations } = startPlan(graph, calibration, settings('int8', 'int4'), 'lsq');
    // Cubes of a normal variable have the mean magnitude √(8/π); both signs share the codes up to 7.
    const step = (2 * Math.sqrt(8 / Math.PI)) / Math.sqrt(7);
    // Five standard errors of 5,000 draws, whose deviation is √(15 − 8/π).
    for (const { range } of Object.values(activations)) expect(Math.abs(range.max / 7 / step - 1)).toBeLessThan(0.16);
  });

  it('stay where a person chose them', () => {
    const id = graph.ops[0].outputs[0];
    const range = { min: -1, max: 1 };
    const own = {
      ...settings('int4', 'int4'),
      tensors: { [id]: { range }, x: { estimator: { id: 'minmax', params: {} } } },
    };
    const [plain, fitted] = (['settings', 'fitted'] as const).map((start) => startPlan(graph, calibration, own, start));
    for (const kept of [id, 'x']) expect(fitted.activations[kept]).toEqual(plain.activations[kept]);
    expect(fitted.weights).not.toEqual(plain.weights);
  });
});

describe('settings', () => {
  it('are checked all at once', () => {
    expect(() => checkQatSettings(DEFAULT_QAT)).not.toThrow();
    const wrong = { ...DEFAULT_QAT, epochs: 1.5, learningRate: NaN, warmUp: -1, freezeBatchNormAfter: -1, seed: 0.5 };
    expect(() => checkQatSettings(wrong)).toThrow(
      expect.objectContaining({ code: 'invalid-settings', details: expect.objectContaining({ length: 5 }) }),
    );
  });
});
