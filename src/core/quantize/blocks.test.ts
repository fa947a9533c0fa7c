import { describe, expect, it } from 'vitest';
import { simulationOf } from '../../engine/tfjs/simulation';
import { roundedConstant } from '../../engine/tfjs/fake-quant/rounding';
import { formatsOfPlan } from '../cost/formats';
import { modelCost } from '../cost/model-cost';
import { Random } from '../../base/random';
import { GraphBuilder } from '../graph/build';
import { BATCH, type Graph } from '../graph/graph';
import { storedBytes } from '../search/file-size';
import { quantizeGraph } from './quantize-graph';
import { planQuantization } from './resolve';
import { DEFAULT_SETTINGS, type QuantSettings } from './settings';

const COLUMNS = 70; // two whole blocks and one of six

const random = new Random(5);
const weights = Float32Array.from({ length: 3 * COLUMNS }, (_, i) => random.gaussian() * (1 + (i % 40)));

function dense(): Graph {
  const b = new GraphBuilder('dense');
  const x = b.input('x', [BATCH, COLUMNS]);
  const w = b.constant('w', weights, [3, COLUMNS]);
  return b.build([b.op('fullyConnected', 'dense', [x, w, null], { keepDims: false })[0]]);
}

const graph = dense();
const settings: QuantSettings = {
  ...DEFAULT_SETTINGS,
  weights: { ...DEFAULT_SETTINGS.weights, format: 'int4', granularity: 'block' },
};
const stats = {
  count: 1,
  nonFinite: 0,
  min: -1,
  max: 1,
  mean: 0,
  std: 1,
  histogram: { lo: -1, width: 1, counts: Float64Array.of(1, 1) },
};
const plan = planQuantization(
  graph,
  { activations: { x: stats, [graph.outputs[0]]: stats }, weights: {}, samples: 1 },
  settings,
);

describe('weights per block', () => {
  it('have the range of each 32 consecutive weights of a channel, the last of what is left', () => {
    expect(plan.weights.w.block).toBe(32);
    expect(plan.weights.w.ranges).toHaveLength(9);
    const largest = (from: number, to: number) =>
      weights.subarray(from, to).reduce((m, w) => Math.max(m, Math.abs(w)), 0);
    const blocks = [0, 1, 2].flatMap((row) =>
      [0, 32, 64].map((at) => [row * COLUMNS + at, row * COLUMNS + Math.min(at + 32, COLUMNS)]),
    );
    expect([...plan.weights.w.params.scale]).toEqual(blocks.map(([from, to]) => Math.fround(largest(from, to) / 7)));
  });

  it('are rounded on the grid of their block', () => {
    const rounding = simulationOf(graph, plan).weights.get('w')!;
    const rounded = roundedConstant(weights, [3, COLUMNS], rounding);
    rounded.forEach((value, i) => {
      const row = Math.floor(i / COLUMNS);
      const scale = plan.weights.w.params.scale[row * 3 + Math.floor((i % COLUMNS) / 32)];
      expect(Math.abs(value - weights[i])).toBeLessThanOrEqual(scale * 0.5000001);
      expect(value / scale).toBeCloseTo(Math.round(value / scale), 5);
    });
  });

  it('cannot be written, and the error says so', () => {
    expect(() => quantizeGraph(graph, plan, settings)).toThrow(/a scale for each channel/);
  });

  it('leave formats that have blocks of their own alone', () => {
    const mx = { ...settings, weights: { ...settings.weights, format: 'mxfp4' } };
    const made = planQuantization(
      graph,
      { activations: { x: stats, [graph.outputs[0]]: stats }, weights: {}, samples: 1 },
      mx,
    );
    expect(made.weights.w.block).toBeUndefined();
    expect(made.weights.w.ranges).toHaveLength(3);
  });
});

describe('what blocks cost', () => {
  it('is four bits a weight and a float16 for each block', () => {
    const { total } = modelCost(graph, formatsOfPlan(graph, plan));
    // 210 weights. The cost of a layer knows formats only, not that each channel ends its last block early.
    expect(total.bytes).toBe(105 + 2 * Math.ceil(210 / 32));
    expect(storedBytes(graph, plan)).toBe(105 + 2 * 9);
    expect(total.bops).toBe(210 * 4 * 8);
  });
});
