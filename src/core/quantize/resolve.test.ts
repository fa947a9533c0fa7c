import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import { GraphBuilder } from '../graph/build';
import { tensorOf, type Graph, type TensorId } from '../graph/graph';
import type { FusedActivation } from '../graph/ops/attrs';
import { Observer } from '../calibration/observer';
import type { Range, TensorStats } from '../calibration/types';
import type { Calibration } from './plan';
import { planQuantization } from './resolve';
import { DEFAULT_SETTINGS, type QuantSettings } from './settings';

function statsOf(...values: number[]): TensorStats {
  const observer = new Observer();
  observer.observe(Float32Array.from(values));
  return observer.stats();
}

/** Every activation from −1 to 1, unless said otherwise. */
function calibrated(graph: Graph, ranges: Readonly<Record<TensorId, Range>> = {}): Calibration {
  const activations: Record<TensorId, TensorStats> = {};
  for (const { id, data } of graph.tensors.values())
    if (!data) activations[id] = statsOf(ranges[id]?.min ?? -1, ranges[id]?.max ?? 1);
  return { activations, weights: {}, samples: 1 };
}

function settings(change: Partial<QuantSettings>): QuantSettings {
  return { ...DEFAULT_SETTINGS, ...change };
}

class Net extends GraphBuilder {
  constructor() {
    super('net');
    this.input('x', [-1, 4, 4, 2]);
  }

  /** 1×1, two channels in and out. */
  conv(
    name: string,
    x: TensorId,
    weights = [1, 2, 3, 4],
    bias = [0, 0],
    activation: FusedActivation = 'none',
  ): TensorId {
    const filter = this.constant(`${name}/w`, Float32Array.from(weights), [2, 1, 1, 2]);
    const offset = this.constant(`${name}/b`, Float32Array.from(bias), [2]);
    const attrs = { strides: [1, 1], padding: 'same', dilations: [1, 1], groups: 1 } as const;
    return this.op('conv2d', name, [x, filter, offset], attrs, { activation })[0];
  }

  maxPool(name: string, x: TensorId): TensorId {
    return this.op('maxPool2d', name, [x], { filter: [2, 2], strides: [1, 1], padding: 'same' })[0];
  }
}

/** [scale, zero point, origin, shared with] */
const row = (graph: Graph, plan: ReturnType<typeof planQuantization>, id: TensorId) => {
  const { params, origin, sharedWith } = plan.activations[id];
  expect(tensorOf(graph, id).data).toBeUndefined();
  return [params.scale[0], params.zeroPoint[0], origin, sharedWith];
};

describe('planQuantization: activations', () => {
  it('gives each tensor its own range and lets ops that move values hand theirs on', () => {
    const net = new Net();
    const a = net.conv('a', 'x', undefined, undefined, 'relu');
    const pooled = net.maxPool('pooled', a);
    const flat = net.op('reshape', 'flat', [pooled], { shape: [-1, 32] })[0];
    const graph = net.build([flat]);
    const plan = planQuantization(
      graph,
      calibrated(graph, { [a]: { min: 0, max: 2.55 }, x: { min: -1.28, max: 1.27 } }),
      DEFAULT_SETTINGS,
    );
    expect(row(graph, plan, 'x')).toEqual([Math.fround(0.01), 0, 'estimated', undefined]);
    expect(row(graph, plan, a)).toEqual([Math.fround(0.01), -128, 'estimated', undefined]);
    for (const id of [pooled, flat]) expect(row(graph, plan, id)).toEqual([Math.fround(0.01), -128, 'shared', a]);
    expect(plan.notes).toEqual([]);
  });

  it('applies a manual range of any member to all that share', () => {
    const net = new Net();
    const a = net.conv('a', 'x');
    const pooled = net.maxPool('pooled', a);
    const graph = net.build([pooled]);
    const tensors = { [pooled]: { range: { min: 0, max: 5.1 } } };
    const plan = planQuantization(graph, calibrated(graph), settings({ tensors }));
    expect(row(graph, plan, a)).toEqual([Math.fround(0.02), -128, 'manual', undefined]);
    expect(row(graph, plan, pooled)).toEqual([Math.fround(0.02), -128, 'shared', a]);
  });

  it('lets a concatenation decide for inputs that nobody else reads', () => {
    const net = new Net();
    const [a, b] = [net.conv('a', 'x'), net.maxPool('b', net.conv('b0', 'x'))];
    const joined = net.op('concat', 'joined', [a, b], { axis: 3 })[0];
    const graph = net.build([joined]);
    const plan = planQuantization(graph, calibrated(graph, { [joined]: { min: 0, max: 2.55 } }), DEFAULT_SETTINGS);
    for (const id of [a, b, 'b0']) expect(row(graph, plan, id)).toEqual([Math.fround(0.01), -128, 'shared', joined]);
    expect(row(graph, plan, joined)[2]).toBe('estimated');
    expect(plan.notes).toEqual([]);
  });

  it('keeps the range of a concatenated tensor that others read, and says that it is requantized', () => {
    const net = new Net();
    const [a, b] = [net.conv('a', 'x'), net.conv('b', 'x')];
    const joined = net.op('concat', 'joined', [a, b], { axis: 3 })[0];
    const c = net.conv('c', a);
    const graph = net.build([joined, c]);
    const plan = planQuantization(graph, calibrated(graph, { [a]: { min: 0, max: 5.1 } }), DEFAULT_SETTINGS);
    expect(row(graph, plan, a)).toEqual([Math.fround(0.02), -128, 'estimated', undefined]);
    expect(row(graph, plan, b)[3]).toBe(joined);
    expect(plan.notes).toEqual(['a requantized to the scale of joined']);
  });

  it('takes what a kernel prescribes and refuses a range set there', () => {
    const net = new Net();
    const flat = net.op('reshape', 'flat', [net.conv('a', 'x')], { shape: [-1, 32] })[0];
    const out = net.op('softmax', 'out', [flat], { beta: 1 })[0];
    const graph = net.build([out]);
    const tensors = { [out]: { range: { min: 0, max: 9 } } };
    const plan = planQuantization(graph, calibrated(graph), settings({ tensors }));
    expect(row(graph, plan, out)).toEqual([1 / 256, -128, 'fixed', undefined]);
    expect(plan.activations[out].range).toEqual({ min: 0, max: 255 / 256 });
    expect(plan.notes).toEqual(['The range set for out is not used: its kernel prescribes scale and zero point.']);
  });

  it('estimates as asked, for all or for one', () => {
    const net = new Net();
    const graph = net.build([net.conv('a', 'x')]);
    const outlier = statsOf(...Array.from({ length: 999 }, (_, i) => i / 1000), 100);
    const calibration = { ...calibrated(graph), activations: { x: outlier, a: outlier } };
    const choice = { id: 'percentile', params: { p: 99 } };
    const tensors = { x: { estimator: choice } };
    const plan = planQuantization(graph, calibration, settings({ tensors }));
    expect(plan.activations.a.range.max).toBe(100);
    expect(plan.activations.x.range.max).toBeCloseTo(0.989, 1);
    const all = planQuantization(graph, calibration, settings({ activations: { estimator: choice } }));
    expect(all.activations.a.range).toEqual(plan.activations.x.range);
  });

  it('refuses what was not calibrated, and estimators that do not exist', () => {
    const net = new Net();
    const graph = net.build([net.conv('a', 'x')]);
    const { activations } = calibrated(graph);
    const missing = () =>
      planQuantization(graph, { activations: { x: activations.x }, weights: {}, samples: 1 }, DEFAULT_SETTINGS);
    expect(missing).toThrow(RangefinderError);
    expect(missing).toThrow('"a" was not calibrated.');
    const unknown = settings({ activations: { estimator: { id: 'guess', params: {} } } });
    expect(() => planQuantization(graph, calibrated(graph), unknown)).toThrow('no range estimator "guess"');
  });
});

describe('planQuantization: ops in float', () => {
  it('leaves out what has no kernel, what is kept by choice, and tensors only they touch', () => {
    const net = new Net();
    const a = net.conv('a', 'x');
    const e = net.op('elu', 'e', [a], {})[0];
    const f = net.conv('f', e);
    const g = net.conv('g', f);
    const graph = net.build([g]);
    const plan = planQuantization(graph, calibrated(graph), settings({ layers: { f: { keepFloat: true } } }));
    expect(plan.keptFloat).toEqual([
      { op: 'e', reason: 'the 8-bit specification has no rule for ELU' },
      { op: 'f', reason: 'excluded by user' },
    ]);
    expect(Object.keys(plan.activations).sort()).toEqual(['a', 'f', 'g', 'x']);
    expect(Object.keys(plan.weights).sort()).toEqual(['a/w', 'g/w']);
  });

  it('keeps ops whose weights are computed', () => {
    const net = new Net();
    net.input('w', [2, 32]);
    const flat = net.op('reshape', 'flat', ['x'], { shape: [-1, 32] })[0];
    const out = net.op('fullyConnected', 'out', [flat, 'w', null], { keepDims: false })[0];
    const graph = net.build([out]);
    const plan = planQuantization(graph, calibrated(graph), settings({ io: 'float32' }));
    expect(plan.keptFloat).toEqual([{ op: 'out', reason: 'its weights are computed, not constant' }]);
    expect(plan.weights).toEqual({});
  });

  it('gives a file with integer inputs and outputs parameters there, even beside float ops', () => {
    const net = new Net();
    const graph = net.build([net.op('elu', 'e', ['x'], {})[0]]);
    expect(Object.keys(planQuantization(graph, calibrated(graph), DEFAULT_SETTINGS).activations)).toEqual(['x', 'e']);
    expect(planQuantization(graph, calibrated(graph), settings({ io: 'float32' })).activations).toEqual({});
  });
});

describe('planQuantization: weights', () => {
  const planned = (
    weights: number[],
    bias: number[],
    change: Partial<QuantSettings> = {},
    x: Range = { min: -1.28, max: 1.27 },
  ) => {
    const net = new Net();
    const graph = net.build([net.conv('a', 'x', weights, bias)]);
    const plan = planQuantization(graph, calibrated(graph, { x }), settings(change));
    return { ...plan.weights['a/w'], notes: plan.notes };
  };

  it('takes max |w| / 127 of each channel, or of all', () => {
    const channels = planned([1, -127, 63.5, 2], [0, 0]);
    expect([...channels.params.scale]).toEqual([1, 0.5]);
    expect([...channels.params.zeroPoint]).toEqual([0, 0]);
    expect(channels).toMatchObject({ op: 'a', origin: 'estimated', params: { quantizedDimension: 0 } });
    const tensor = planned([1, -127, 63.5, 2], [0, 0], {
      weights: { granularity: 'tensor', estimator: { id: 'minmax', params: {} } },
    });
    expect([...tensor.params.scale]).toEqual([1]);
  });

  it('caps each channel by a manual range; a channel’s own range wins', () => {
    const tensors = { 'a/w': { range: { min: -12.7, max: 12.7 }, channels: { 1: { min: -25.4, max: 25.4 } } } };
    const plan = planned([1, -127, 63.5, 2], [0, 0], { tensors });
    expect([...plan.params.scale]).toEqual([Math.fround(0.1), Math.fround(0.2)]);
    expect(plan.origin).toBe('manual');
    const narrow = planned([1, -1.27, 63.5, 2], [0, 0], { tensors: { 'a/w': { range: { min: -12.7, max: 12.7 } } } });
    expect([...narrow.params.scale]).toEqual([Math.fround(0.01), Math.fround(0.1)]);
  });

  it('keeps every bias within half of int32, for dead channels, too', () => {
    const value = fc.oneof(fc.float({ min: -10, max: 10, noNaN: true }), fc.constantFrom(0, 1e-30, 1e-12));
    const four = fc.tuple(value, value, value, value);
    const two = fc.tuple(value, value);
    fc.assert(
      fc.property(
        four,
        two,
        fc.constantFrom(1e-6, 1, 1e4),
        fc.constantFrom('channel' as const, 'tensor' as const),
        (w, b, size, granularity) => {
          const weights = { granularity, estimator: { id: 'minmax', params: {} } };
          const { params, notes } = planned(w, b, { weights }, { min: -size, max: size });
          const input = Math.fround((2 * size) / 255);
          b.forEach((bias, c) => {
            const scale = params.scale[granularity === 'tensor' ? 0 : c];
            expect(Math.fround(scale * input)).toBeGreaterThan(2 ** -126);
            expect(Math.abs(bias) / (scale * input)).toBeLessThanOrEqual(2 ** 30 * (1 + 1e-6));
            // Never finer than the weights need.
            const own = granularity === 'tensor' ? w : w.slice(2 * c, 2 * c + 2);
            expect(scale * 127).toBeGreaterThanOrEqual(Math.max(...own.map(Math.abs)) * (1 - 1e-6));
          });
          expect(notes.filter((note) => note.includes('enlarged')).length).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('says which scale was enlarged', () => {
    const { params, notes } = planned([1e-20, 0, 1, 1], [2, 0], {}, { min: -1.28, max: 1.27 });
    expect(params.scale[0]).toBeCloseTo(2 / (0.01 * 2 ** 30), 12);
    expect(notes).toEqual(['The weight scale of channel 0 of a is enlarged: its bias would overflow int32.']);
  });

  it('gives dead channels the finest scale of their peers', () => {
    expect([...planned([0, 0, 63.5, 2], [0.1, 0]).params.scale]).toEqual([0.5, 0.5]);
  });
});

describe('planQuantization: notes on the runtime', () => {
  it('names ops whose scales XNNPACK does not take', () => {
    const net = new Net();
    const sum = net.op('add', 'sum', [net.conv('a', 'x'), net.conv('b', 'x')], {})[0];
    const graph = net.build([sum]);
    const far = planQuantization(graph, calibrated(graph, { a: { min: -1e-4, max: 1e-4 } }), DEFAULT_SETTINGS);
    expect(far.notes).toEqual([
      // The largest weight is 2 in the first row and 4 in the second: 4 / 127 · 10^4.
      "XNNPACK leaves a to LiteRT's own kernel: input scale × weight scale / output scale is 315, not below 256.",
      "XNNPACK leaves sum to LiteRT's own kernel: input scale / output scale is 0.000100, below 0.000977.",
    ]);
    expect(planQuantization(graph, calibrated(graph), DEFAULT_SETTINGS).notes).toEqual([]);
  });
});

describe('planQuantization: constants beside an activation', () => {
  const POSITIONS = Float32Array.from({ length: 32 }, (_, i) => i / 4 - 4);
  const range = (graph: Graph, ranges: Readonly<Record<TensorId, Range>>, id: TensorId) =>
    planQuantization(graph, calibrated(graph, ranges), DEFAULT_SETTINGS).activations[id].range;

  it('what selects from both takes the range of both, and so does what is computed for it alone', () => {
    const net = new Net();
    const a = net.conv('a', 'x', undefined, undefined, 'relu');
    const [joined] = net.op('minimum', 'joined', [a, net.constant('positions', POSITIONS, [4, 4, 2])], {});
    const graph = net.build([joined]);
    const seen = { [a]: { min: 0, max: 1 }, [joined]: { min: -4, max: 3.75 } };
    for (const id of [a, joined]) expect(range(graph, seen, id)).toEqual({ min: -4, max: 3.75 });
  });

  it('constants within the range that was seen change nothing', () => {
    const net = new Net();
    const a = net.conv('a', 'x');
    const [joined] = net.op('maximum', 'joined', [a, net.constant('half', [0.5], [])], {});
    const graph = net.build([joined]);
    const plan = planQuantization(graph, calibrated(graph), DEFAULT_SETTINGS);
    expect(plan.activations[joined]).toMatchObject({ origin: 'shared', sharedWith: a });
  });

  it.each([
    ['padding', (net: Net, a: TensorId) => net.op('pad', 'y', [a], { paddings: [[0, 0], [1, 1], [1, 1], [0, 0]], value: -9 })], // prettier-ignore
    ['the larger', (net: Net, a: TensorId) => net.op('maximum', 'y', [a, net.constant('c', [5], [])], {})],
  ])('%s keeps a value that others read in the range they need', (_, op) => {
    const net = new Net();
    const a = net.conv('a', 'x');
    const [y] = op(net, a);
    const b = net.conv('b', a);
    const graph = net.build([y, b]);
    const seen = { [y]: { min: -9, max: 5 } };
    expect(range(graph, seen, a)).toEqual({ min: -1, max: 1 });
    expect(range(graph, seen, y)).toEqual({ min: -9, max: 5 });
  });

  it('probabilities joined to larger constants are requantized, whatever their kernel prescribes', () => {
    const net = new Net();
    const [p] = net.op('sigmoid', 'p', ['x'], {});
    const [joined] = net.op('minimum', 'joined', [p, net.constant('positions', POSITIONS, [4, 4, 2])], {});
    const graph = net.build([joined]);
    const plan = planQuantization(graph, calibrated(graph, { [joined]: { min: -4, max: 3.75 } }), DEFAULT_SETTINGS);
    expect(plan.activations[p].origin).toBe('fixed');
    expect(plan.activations[joined]).toMatchObject({ origin: 'estimated', range: { min: -4, max: 3.75 } });
  });
});

describe('planQuantization: scales beyond what kernels hold', () => {
  it('an addition of values 10⁷ times as large as their sum stays in float, and says so', () => {
    const net = new Net();
    const a = net.conv('a', 'x');
    const b = net.conv('b', 'x');
    const [sum] = net.op('add', 'sum', [a, b], {});
    const graph = net.build([sum]);
    const large = { min: -1e5, max: 1e5 };
    const plan = planQuantization(
      graph,
      calibrated(graph, { [a]: large, [b]: large, [sum]: { min: -0.01, max: 0.01 } }),
      DEFAULT_SETTINGS,
    );
    expect(plan.keptFloat).toEqual([
      { op: 'sum', reason: "LiteRT's int8 kernel cannot hold its scales: input scale / output scale is 1.00e+7, from 2^19 up" },
    ]); // prettier-ignore
  });

  it('masks reach as far as hides the scores, and no further', () => {
    const b = new GraphBuilder('attention');
    const x = b.input('x', [-1, 4, 4]);
    const mask = b.constant(
      'mask',
      Float32Array.from({ length: 16 }, (_, i) => (i % 4 > i / 4 ? -65536 : 0)),
      [4, 4],
    );
    const [m] = b.op('add', 'm', [x, mask], {});
    const graph = b.build(b.op('softmax', 'p', [m], { beta: 1 }));
    const calibration = calibrated(graph, { x: { min: -3, max: 5 }, m: { min: -3, max: 5 } });
    const masked = { ...calibration.activations.m, masked: { count: 6, lowestPeak: 1, factor: 1 } };
    const plan = planQuantization(
      graph,
      { ...calibration, activations: { ...calibration.activations, m: masked } },
      DEFAULT_SETTINGS,
    );
    expect(plan.activations.m.range).toEqual({ min: -7, max: 5 });
    // The largest score and the mask come to the lowest code.
    expect(plan.activations.mask.range).toEqual({ min: -12, max: 0 });
    expect(plan.keptFloat).toEqual([]);
  });

  it('a mask under another mask reaches as far as the later one lets it be seen', () => {
    const b = new GraphBuilder('attention');
    const x = b.input('x', [-1, 4, 4]);
    const mask = (name: string, low: number) => b.constant(name, Float32Array.of(0, 0, 0, low), [4]);
    const [first] = b.op('add', 'first', [x, mask('causal', -65536)], {});
    const [m] = b.op('add', 'm', [first, mask('padding', -1e4)], {});
    const graph = b.build(b.op('softmax', 'p', [m], { beta: 1 }));
    const { activations, ...rest } = calibrated(graph, {
      x: { min: -3, max: 5 },
      first: { min: -65536, max: 5 },
      m: { min: -3, max: 5 },
    });
    const masked = { ...activations.m, masked: { count: 6, lowestPeak: 1, factor: 1 } };
    const plan = planQuantization(graph, { ...rest, activations: { ...activations, m: masked } }, DEFAULT_SETTINGS);
    expect(plan.activations.first.range).toEqual({ min: -7, max: 5 });
    for (const id of ['causal', 'padding']) expect(plan.activations[id].range).toEqual({ min: -12, max: 0 });
  });

  it('scores of an untrained network are given the least step that the kernel of softmax takes', () => {
    const net = new Net();
    const a = net.conv('a', 'x');
    const graph = net.build(net.op('softmax', 'p', [a], { beta: 1 }));
    const plan = planQuantization(graph, calibrated(graph, { [a]: { min: -1e-9, max: 1e-9 } }), DEFAULT_SETTINGS);
    expect(plan.keptFloat).toEqual([]);
    expect(plan.activations[a].params.scale[0]).toBeGreaterThan(2 ** -26);
  });
});
