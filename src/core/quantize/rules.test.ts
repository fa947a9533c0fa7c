import { describe, expect, it } from 'vitest';
import { twoLayers } from '../../testing/builders/two-layers';
import { GraphBuilder } from '../graph/build';
import { BATCH, type Graph } from '../graph/graph';
import { Observer } from '../calibration/observer';
import type { TensorStats } from '../calibration/types';
import { quantizeGraph } from './quantize-graph';
import { planQuantization } from './resolve';
import { ruleTargets } from './rule-targets';
import { matchingLayers, withoutRules } from './rules';
import { DEFAULT_SETTINGS, type LayerOverride, type LayerRule, type QuantSettings } from './settings';

/** x [4] → stem (dense) → relu → block_1/dense → block_2/dense → y */
function network(): Graph {
  const b = new GraphBuilder('net');
  const x = b.input('x', [BATCH, 4]);
  const dense = (name: string, input: string, values: number[]) => {
    const weights = b.constant(`${name}/w`, Float32Array.from(values), [2, values.length / 2]);
    const bias = b.constant(`${name}/b`, Float32Array.of(0.5, -0.25), [2]);
    return b.op('fullyConnected', name, [input, weights, bias], { keepDims: false })[0];
  };
  const stem = dense('stem', x, [0.7, -0.35, 0.1, 0.2, 1.4, 0, -1.4, 0.05]);
  const rectified = b.op('relu', 'rectified', [stem], {})[0];
  const one = dense('block_1/Dense', rectified, [1, 2, 3, 4]);
  return b.build([dense('block_2/Dense', one, [4, 3, 2, 1])]);
}

function statsOf(min: number, max: number): TensorStats {
  const observer = new Observer();
  observer.observe(Float32Array.from({ length: 1001 }, (_, i) => min + ((max - min) * i) / 1000));
  return observer.stats();
}

const graph = network();
const targets = ruleTargets(graph);
const [stem, rectified, one, two] = graph.ops;
const names = (rule: Omit<LayerRule, 'override'>) => matchingLayers(rule, targets).map(({ name }) => name);
const ruled = (rules: readonly LayerRule[], layers: Record<string, LayerOverride> = {}): QuantSettings => ({
  ...DEFAULT_SETTINGS,
  rules,
  layers,
});
const plan = (settings: QuantSettings) =>
  planQuantization(
    graph,
    {
      activations: Object.fromEntries(['x', ...graph.ops.map((op) => op.outputs[0])].map((id) => [id, statsOf(-2, 6)])),
      weights: {},
      samples: 1,
    },
    settings,
  );

describe('a rule is about', () => {
  it('names by pattern, whole and in any case', () => {
    expect(names({ name: '*' })).toHaveLength(4);
    expect(names({ name: 'block_*' })).toEqual(['block_1/Dense', 'block_2/Dense']);
    expect(names({ name: '*_2/d*e' })).toEqual(['block_2/Dense']);
    expect(names({ name: 'stem' })).toEqual(['stem']);
    expect(names({ name: 'ste' })).toEqual([]);
    expect(names({ name: 'block.1/Dense' })).toEqual([]);
    expect(names({ name: 'block_(1|2)*' })).toEqual([]);
  });

  it('op kinds and places among the layers with weights; all that it names must hold', () => {
    expect(names({ kind: 'relu' })).toEqual(['rectified']);
    expect(names({ kind: 'fullyConnected', name: 'block*' })).toEqual(['block_1/Dense', 'block_2/Dense']);
    expect(names({ place: 'first' })).toEqual(['stem']);
    expect(names({ place: 'last' })).toEqual(['block_2/Dense']);
    expect(names({ place: 'ends' })).toEqual(['stem', 'block_2/Dense']);
    expect(names({ place: 'ends', name: 'block*' })).toEqual(['block_2/Dense']);
    expect(names({})).toHaveLength(4);
  });
});

describe('rules', () => {
  it('are merged choice by choice: the later wins, the layer’s own wins over all', () => {
    const rules: LayerRule[] = [
      { override: { weightFormat: 'int4', granularity: 'tensor' } },
      { name: 'block*', override: { weightFormat: 'int6' } },
      { place: 'last', override: { keepFloat: true } },
    ];
    const { layers, rules: left } = withoutRules(
      ruled(rules, { [two.id]: { keepFloat: false }, [one.id]: { granularity: 'channel' } }),
      targets,
    );
    expect(left).toBeUndefined();
    expect(layers).toEqual({
      [stem.id]: { weightFormat: 'int4', granularity: 'tensor' },
      [rectified.id]: { weightFormat: 'int4', granularity: 'tensor' },
      [one.id]: { weightFormat: 'int6', granularity: 'channel' },
      [two.id]: { weightFormat: 'int6', granularity: 'tensor', keepFloat: false },
    });
  });

  it('reach the plan and the file', () => {
    const settings = ruled([
      { name: 'block*', override: { weightFormat: 'int4', granularity: 'tensor' } },
      { place: 'last', override: { keepFloat: true } },
      { kind: 'relu', override: { activationRange: { min: 0, max: 2.55 } } },
    ]);
    const made = plan(settings);
    expect(made.keptFloat).toEqual([{ op: two.id, reason: 'excluded by user' }]);
    expect(made.weights['stem/w'].params.scale).toHaveLength(2);
    expect([...made.weights['block_1/Dense/w'].params.scale]).toEqual([Math.fround(4 / 7)]);
    expect(made.activations[rectified.outputs[0]]).toMatchObject({ origin: 'manual', range: { min: 0, max: 2.55 } });
    const file = quantizeGraph(graph, made, settings);
    expect(file.tensors.get('block_1/Dense/w')).toMatchObject({ dtype: 'int4', data: Int8Array.of(2, 3, 5, 7) });
    expect(file.tensors.get('block_2/Dense/w')!.dtype).toBe('float32');
  });

  it('give layers estimators and ranges, which a tensor’s own win over', () => {
    const percentile = { id: 'percentile', params: { p: 90 } };
    const settings = ruled([
      { override: { activationEstimator: percentile, weightRange: { min: -2.5, max: 2.5 } } },
      { name: 'block_2*', override: { activationRange: { min: -1, max: 1 } } },
    ]);
    const made = plan(settings);
    const widest = plan(DEFAULT_SETTINGS);
    const [first, last] = [stem.outputs[0], two.outputs[0]];
    expect(made.activations[first].range.max).toBeLessThan(0.95 * widest.activations[first].range.max);
    expect(made.activations.x).toEqual(widest.activations.x); // no layer writes it
    expect(made.activations[last].range).toEqual({ min: -1, max: 1 });
    expect(made.weights['block_1/Dense/w'].ranges.map(({ max }) => max)).toEqual([2, 2.5]);
    const own = plan({
      ...settings,
      tensors: {
        [last]: { estimator: { id: 'minmax', params: {} } },
        [first]: { range: { min: 0, max: 1 } },
        'block_1/Dense/w': { range: { min: -1, max: 1 } },
      },
    });
    expect(own.activations[last]).toEqual(widest.activations[last]);
    expect(own.activations[first].range).toEqual({ min: 0, max: 1 });
    expect(own.weights['block_1/Dense/w'].ranges.map(({ max }) => max)).toEqual([1, 1]);
  });

  it('are nothing where there are none: settings of before read as they did', () => {
    expect(plan({ ...DEFAULT_SETTINGS, rules: [] })).toEqual(plan(DEFAULT_SETTINGS));
    expect(withoutRules(DEFAULT_SETTINGS, targets)).toEqual(DEFAULT_SETTINGS);
  });

  it('about a place that is none are refused', () => {
    const rules = [{ place: 'middle', override: {} }] as unknown as LayerRule[];
    expect(() => plan(ruled(rules))).toThrow(/about "middle" layers/);
  });
});

describe('rules about inputs', () => {
  const graph = twoLayers();

  it('choose range, format and estimator of an input that they name', () => {
    const rules = [{ name: 'x', override: { activationRange: { min: -0.2, max: 0.2 }, activationFormat: 'int16' } }];
    const { tensors, layers } = withoutRules({ ...DEFAULT_SETTINGS, rules }, ruleTargets(graph));
    expect(tensors).toEqual({ x: { range: { min: -0.2, max: 0.2 }, format: 'int16' } });
    expect(layers).toEqual({});
  });

  it('yield to what is set for the input itself, and * is layers only', () => {
    const own = { ...DEFAULT_SETTINGS, tensors: { x: { range: { min: 0, max: 1 } } } };
    const rules = [{ name: 'x*', override: { activationRange: { min: -1, max: 1 } } }];
    expect(withoutRules({ ...own, rules }, ruleTargets(graph)).tensors).toEqual(own.tensors);
    const all = [{ name: '*', override: { activationFormat: 'int16' } }];
    expect(withoutRules({ ...DEFAULT_SETTINGS, rules: all }, ruleTargets(graph)).tensors).toEqual({});
  });
});
