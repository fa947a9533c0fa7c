import { describe, expect, it } from 'vitest';
import { outputDifference, testInputs, testValues } from '../../testing/oracles/naive/compare';
import { runNaive } from '../../testing/oracles/naive-float';
import { GraphBuilder } from '../graph/build';
import type { Graph, TensorId } from '../graph/graph';
import type { FusedActivation } from '../graph/ops/attrs';
import { Observer } from '../calibration/observer';
import type { TensorStats } from '../calibration/types';
import { levelJoins, levelledOps } from './level-joins';

const conv = { strides: [1, 1], padding: 'same', dilations: [1, 1], groups: 1 } as const;
const pool = { filter: [2, 2], strides: [2, 2], padding: 'valid' } as const;

interface Options {
  readonly activation?: FusedActivation;
  readonly axis?: number;
  /** Somebody else reads the wide tensor, or it is an output. */
  readonly shared?: 'reader' | 'output';
  /** What stands between the narrow layer and the join. */
  readonly between?: 'softmax';
}

/** x → a (narrow), b (wide, pooled) → joined → c and a depthwise d; weights of a are `spread` times smaller than those of b. */
function branches(spread: number, { activation = 'relu', axis = 3, shared, between }: Options = {}): Graph {
  const b = new GraphBuilder('branches');
  const x = b.input('x', [-1, 4, 4, 3]);
  const layer = (name: string, from: string, filters: number, inputs: number, scale: number) => {
    const weights = testValues(filters * 9 * inputs, name.charCodeAt(0)).map((w) => w * scale);
    const w = b.constant(`w-${name}`, weights, [filters, 3, 3, inputs]);
    const bias = b.constant(`b-${name}`, testValues(filters, name.charCodeAt(0) + 9).map((v) => v * scale), [filters]); // prettier-ignore
    return b.op('conv2d', name, [from, w, bias], conv, { activation })[0];
  };
  const wide = layer('b', x, 2, 3, 1);
  const [pooled] = b.op('maxPool2d', 'pooled', [wide], pool);
  const own = b.op('maxPool2d', 'own', [layer('a', x, 2, 3, 1 / spread)], pool)[0];
  const narrow = between ? b.op('softmax', 's', [own], { beta: 1 })[0] : own;
  const [joined] = b.op('concat', 'joined', [narrow, pooled], { axis });
  const channels = axis === 3 ? 4 : 2;
  const c = layer('c', joined, 3, channels, 1);
  const dw = b.constant('w-d', testValues(9 * channels, 77), [1, 3, 3, channels]);
  const [d] = b.op('depthwiseConv2d', 'd', [joined, dw, null], { ...conv, multiplier: 1 });
  const outputs = [c, d];
  if (shared === 'reader') outputs.push(b.op('sigmoid', 'e', [wide], {})[0]);
  if (shared === 'output') outputs.push(wide);
  return b.build(outputs);
}

function statsOf(graph: Graph): Record<TensorId, TensorStats> {
  const values = runNaive(graph, testInputs(graph, 4), 4);
  return Object.fromEntries(
    [...values].map(([id, { data }]) => {
      const observer = new Observer();
      observer.observe(Float32Array.from(data));
      return [id, observer.stats()];
    }),
  );
}

describe('levelling joined tensors', () => {
  it.each([4, 64, 1000])('%d times as wide: the ranges close up, and the model computes the same', (spread) => {
    const graph = branches(spread);
    const { graph: level, joins } = levelJoins(graph, statsOf(graph));
    expect(joins.map(({ op }) => op)).toEqual(['joined']);
    expect(outputDifference(graph, level, 4)).toBeLessThan(1e-5);
    const after = statsOf(level);
    const [narrowBefore, wideBefore] = ['own', 'pooled'].map((id) => statsOf(graph)[id].max);
    const [narrow, wide] = ['own', 'pooled'].map((id) => after[id].max);
    expect(joins[0].after).toBeCloseTo(Math.max(narrow, wide) / Math.min(narrow, wide), 4);
    // What is left is √(X₁·W₁ / (X₂·W₂)): half of the difference, in logarithms, where weights are alike.
    const reach = (first: number) =>
      Math.max(...['w-c', 'w-d'].flatMap((id) => [...(graph.tensors.get(id)!.data as Float32Array)].filter((_, i) => i % 4 >= first && i % 4 < first + 2).map(Math.abs))); // prettier-ignore
    const left = Math.sqrt((narrowBefore * reach(0)) / (wideBefore * reach(2)));
    expect(narrow / wide).toBeCloseTo(left, 4);
    expect(after.pooled.max).toBe(statsOf(graph).pooled.max);
  });

  it('follows its formula: s = √(X/W), relative to the widest', () => {
    const b = new GraphBuilder('dense');
    const x = b.input('x', [-1, 1]);
    const dense = (name: string, from: string, weights: number[], inputs: number) =>
      b.op('fullyConnected', name, [from, b.constant(`w-${name}`, weights, [weights.length / inputs, inputs]), null], { keepDims: false })[0]; // prettier-ignore
    const [joined] = b.op('concat', 'joined', [dense('a', x, [1], 1), dense('b', x, [9], 1)], { axis: -1 });
    const graph = b.build([dense('y', joined, [4, 1], 2)]);
    const seen = (max: number) => ({ count: 1, min: 0, max }) as TensorStats;
    const { graph: level, joins } = levelJoins(graph, { a: seen(1), b: seen(9) });
    // √(1/4) against √(9/1): a is divided by ½ : 3, and what reads it multiplied.
    expect(joins[0]).toMatchObject({ op: 'joined', before: 9, after: 1.5 });
    expect(joins[0].scales[0]).toBeCloseTo(1 / 6, 12);
    expect(level.tensors.get('w-a')!.data![0]).toBeCloseTo(6, 6);
    expect(level.tensors.get('w-b')!.data![0]).toBe(9);
    expect(level.tensors.get('w-y')!.data![0]).toBeCloseTo(4 / 6, 6);
    expect(level.tensors.get('w-y')!.data![1]).toBe(1);
  });

  it('leaves what others read as it is, and levels the rest against it', () => {
    for (const shared of ['reader', 'output'] as const) {
      const graph = branches(50, { shared });
      const { graph: level, joins } = levelJoins(graph, statsOf(graph));
      expect(joins[0].scales[1]).toBe(1);
      expect(joins[0].scales[0]).toBeLessThan(0.5);
      expect(level.tensors.get('w-b')).toBe(graph.tensors.get('w-b'));
      expect(outputDifference(graph, level, 4)).toBeLessThan(1e-5);
    }
    const graph = branches(50, { between: 'softmax' });
    const { joins } = levelJoins(graph, statsOf(graph));
    expect(joins[0].scales[0]).toBe(1);
  });

  it('has nothing to do where a cut or an axis is in the way', () => {
    expect(levelledOps(branches(50))).toEqual(['joined']);
    expect(levelledOps(branches(50, { activation: 'relu6' }))).toEqual([]);
    expect(levelledOps(branches(50, { axis: 1 }))).toEqual([]);
    const graph = branches(50, { activation: 'relu6' });
    expect(levelJoins(graph, statsOf(graph)).graph).toBe(graph);
  });
});
