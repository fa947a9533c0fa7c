import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputDifference, testInputs, testValues } from '../../testing/oracles/naive/compare';
import { runNaive } from '../../testing/oracles/naive-float';
import { GraphBuilder } from '../graph/build';
import type { Graph } from '../graph/graph';
import type { FusedActivation } from '../graph/ops/attrs';
import { absorbBias, absorbingTensors } from './absorb-bias';
import { ChannelObserver } from './channel-stats';
import { equalize, equalizingScales, inputRanges, outputRanges } from './equalize';
import { weightedLayers } from './layer';
import { scalablePairs } from './pairs';
import { smooth, smoothingScales } from './smooth';

const conv = { strides: [1, 1], padding: 'same', dilations: [1, 1], groups: 1 } as const;
const depthwise = { strides: [1, 1], padding: 'same', dilations: [1, 1], multiplier: 1 } as const;

/** conv 1×1 → depthwise 3×3 → conv 1×1 → mean → dense, ReLU or ReLU6 between, channels `spread` octaves apart. */
function triple(activation: FusedActivation = 'relu', spread = 4, seed = 1): Graph {
  const b = new GraphBuilder('triple');
  const x = b.input('x', [-1, 4, 4, 3]);
  const scales = testValues(6, seed + 10).map((v) => 2 ** (spread * v));
  const weights = (name: string, shape: number[], of: (i: number) => number) => {
    const values = testValues(
      shape.reduce((n, d) => n * d, 1),
      seed + name.length,
    );
    return b.constant(
      name,
      values.map((v, i) => v * of(i)),
      shape,
    );
  };
  const bias = (name: string, n: number) => b.constant(name, testValues(n, seed + 31), [n]);
  const [a] = b.op('conv2d', 'a', [x, weights('wa', [6, 1, 1, 3], (i) => scales[Math.floor(i / 3)]), bias('ba', 6)], conv, { activation }); // prettier-ignore
  const [d] = b.op('depthwiseConv2d', 'd', [a, weights('w-dw', [1, 3, 3, 6], (i) => 1 / scales[i % 6]), bias('bd', 6)], depthwise, { activation }); // prettier-ignore
  const [p] = b.op('conv2d', 'p', [d, weights('w-pw', [5, 1, 1, 6], () => 1), bias('bp', 5)], conv, { activation: 'relu' }); // prettier-ignore
  const [m] = b.op('mean', 'm', [p], { axes: [1, 2], keepDims: false });
  const [y] = b.op('fullyConnected', 'y', [m, weights('w-dense', [4, 5], () => 1), bias('by', 4)], {
    keepDims: false,
  });
  return b.build([y]);
}

const rangesOf = (graph: Graph) =>
  scalablePairs(graph).map(({ from, to, channels }) => {
    const layers = new Map(weightedLayers(graph).map((layer) => [layer.op.id, layer]));
    return [outputRanges(layers.get(from)!), inputRanges(layers.get(to)!, channels)];
  });

describe('cross-layer equalization', () => {
  it('finds the factors of the oracle: s = [2, 0.5], both ranges [2, 2], same output', () => {
    expect([...equalizingScales([4, 1], [1, 4])]).toEqual([2, 0.5]);
    const b = new GraphBuilder('pair');
    const x = b.input('x', [-1, 2]);
    const [h] = b.op('fullyConnected', 'h', [x, b.constant('w1', [4, -3, 0.5, 1], [2, 2]), b.constant('b1', [1, 2], [2])], { keepDims: false }, { activation: 'relu' }); // prettier-ignore
    const [y] = b.op('fullyConnected', 'y', [h, b.constant('w2', [1, -4, 0.25, 2], [2, 2]), null], {
      keepDims: false,
    });
    const graph = b.build([y]);
    const { graph: equal, pairs } = equalize(graph);
    expect([...pairs[0].scale]).toEqual([2, 0.5]);
    expect(rangesOf(equal)).toEqual([[Float64Array.of(2, 2), Float64Array.of(2, 2)]]);
    expect(equal.tensors.get('b1')!.data).toEqual(Float32Array.of(0.5, 4));
    expect(outputDifference(graph, equal)).toBe(0);
  });

  it('leaves channels without a range alone', () => {
    expect([...equalizingScales([4, 0, 1], [0, 2, 1])]).toEqual([1, 1, 1]);
  });

  it('settles a depthwise triple at the cube root of its three ranges', () => {
    const whole = triple();
    const graph: Graph = { ...whole, ops: whole.ops.slice(0, 3), outputs: ['p'] };
    const [[r1, r2], [, r3]] = rangesOf(graph) as [[Float64Array, Float64Array], [Float64Array, Float64Array]];
    const { graph: equal, pairs } = equalize(graph);
    expect(pairs.map(({ from, to }) => `${from} ${to}`)).toEqual(['a d', 'd p']);
    const [[e1, e2], [, e3]] = rangesOf(equal) as [[Float64Array, Float64Array], [Float64Array, Float64Array]];
    r1.forEach((r, c) => {
      const root = Math.cbrt(r * r2[c] * r3[c]);
      for (const range of [e1[c], e2[c], e3[c]]) expect(range / root).toBeCloseTo(1, 5);
    });
    for (const { before, after } of pairs) expect(after[0]).toBeLessThan(before[0]);
  });

  it('computes the same, to rounding; to the bit with powers of two', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 8 }), (seed, octaves) => {
        const graph = triple('relu', octaves, seed);
        const inputs = testInputs(graph, 2, seed);
        const expected = runNaive(graph, inputs, 2).get(graph.outputs[0])!.data;
        const largest = Math.max(...Array.from(expected, Math.abs));
        const close = runNaive(equalize(graph).graph, inputs, 2).get(graph.outputs[0])!.data;
        expected.forEach((v, i) => expect(Math.abs(close[i] - v)).toBeLessThanOrEqual(2e-5 * largest + 1e-6));
        const exact = equalize(graph, { powersOfTwo: true }).graph;
        expect(runNaive(exact, inputs, 2).get(graph.outputs[0])!.data).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  it('makes a ReLU6 a ReLU only where told that its cut is not reached', () => {
    const graph = triple('relu6');
    const kept = equalize(graph);
    expect(kept.left).toEqual(['a', 'd']);
    expect(kept.graph.ops.map(({ activation }) => activation)).toEqual(graph.ops.map(({ activation }) => activation));
    const relaxed = equalize(graph, { relaxable: (id) => id === 'd' });
    expect(relaxed.relaxed).toEqual(['d']);
    expect(relaxed.graph.ops.find(({ id }) => id === 'd')!.activation).toBe('relu');
    expect(relaxed.graph.ops.find(({ id }) => id === 'a')!.activation).toBe('relu6');
  });

  it('does not scale what others read, what is an output, or what a sigmoid sees', () => {
    const b = new GraphBuilder('tangle');
    const x = b.input('x', [-1, 2]);
    const w = (name: string) => b.constant(name, [1, 2, 3, 4], [2, 2]);
    const dense = (name: string, from: string) => b.op('fullyConnected', name, [from, w(`w-${name}`), null], { keepDims: false })[0]; // prettier-ignore
    const a = dense('a', x);
    const c = dense('c', a);
    const d = dense('d', a); // a is read twice
    const [s] = b.op('sigmoid', 's', [d], {});
    const e = dense('e', s);
    const f = dense('f', e); // e is an output
    expect(scalablePairs(b.build([e, f, c]))).toEqual([]);
  });
});

describe('high-bias absorption', () => {
  it('takes from the range what every sample has, and computes the same', () => {
    const graph = triple('relu', 0);
    // A bias of 9 lifts all of p's channels off the ground; the dense layer behind the mean takes it back.
    const lifted: Graph = {
      ...graph,
      tensors: new Map([...graph.tensors].map(([id, t]) => [id, id === 'bp' ? { ...t, data: (t.data as Float32Array).map((v) => v + 9) } : t])), // prettier-ignore
    };
    expect(absorbingTensors(lifted)).toEqual(['d', 'p']); // not a: its reader pads
    const values = runNaive(lifted, testInputs(lifted, 8), 8);
    const observer = new ChannelObserver(5);
    observer.observe(Float32Array.from(values.get('p')!.data));
    const stats = observer.stats();
    const { graph: absorbed, pairs } = absorbBias(lifted, new Map([['p', stats]]));
    expect(pairs.map(({ from, to }) => [from, to])).toEqual([['p', 'y']]);
    pairs[0].shift.forEach((c, i) => {
      expect(c).toBeGreaterThan(0);
      expect(c).toBeLessThanOrEqual(stats.min[i]);
    });
    expect(outputDifference(lifted, absorbed, 8)).toBeLessThan(1e-4);
    const after = runNaive(absorbed, testInputs(absorbed, 8), 8).get('p')!.data;
    expect(Math.max(...after)).toBeLessThan(Math.max(...values.get('p')!.data) - 1);
  });
});

describe('SmoothQuant', () => {
  it('follows its formula', () => {
    expect([...smoothingScales([16, 0], [4, 1], 0.5)]).toEqual([2, 1]);
    expect(smoothingScales([16], [4], 0.75)[0]).toBeCloseTo(16 ** 0.75 / 4 ** 0.25, 12);
  });

  it('shares a dense layer’s range between its input and its weights, past a mean, and computes the same', () => {
    const graph = triple('relu', 0);
    const p = runNaive(graph, testInputs(graph, 4), 4).get('p')!;
    const observer = new ChannelObserver(5);
    observer.observe(Float32Array.from(p.data));
    const { graph: smoothed, pairs } = smooth(graph, new Map([['p', observer.stats()]]));
    expect(pairs.map(({ to }) => to)).toEqual(['y']);
    const w = inputRanges(
      weightedLayers(graph).find(({ op }) => op.id === 'y')!,
      5,
    );
    expect([...pairs[0].scale]).toEqual([...smoothingScales(observer.stats().max, w, 0.5)]);
    expect(outputDifference(graph, smoothed, 4)).toBeLessThan(1e-5);
  });
});
