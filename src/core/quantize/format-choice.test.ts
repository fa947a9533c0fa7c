import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import { BATCH, type Graph } from '../graph/graph';
import { FORMATS } from '../number-formats/table';
import { roundedConstant } from '../../engine/tfjs/fake-quant/rounding';
import { simulationOf } from '../../engine/tfjs/simulation';
import { Observer } from '../calibration/observer';
import type { TensorStats } from '../calibration/types';
import type { Calibration } from './plan';
import { quantizeGraph } from './quantize-graph';
import { planQuantization } from './resolve';
import { DEFAULT_SETTINGS, type QuantSettings } from './settings';

/** x [4] → dense (weights 2 × 4) → dense (weights 2 × 2) → y */
function twoLayers(): Graph {
  const b = new GraphBuilder('two');
  const x = b.input('x', [BATCH, 4]);
  const w1 = b.constant('w1', Float32Array.of(0.7, -0.35, 0.1, 0.2, 1.4, 0, -1.4, 0.05), [2, 4]);
  const b1 = b.constant('b1', Float32Array.of(0.5, -0.25), [2]);
  const [h] = b.op('fullyConnected', 'one', [x, w1, b1], { keepDims: false });
  const w2 = b.constant('w2', Float32Array.of(1, 2, 3, 4), [2, 2]);
  const [y] = b.op('fullyConnected', 'two', [h, w2, null], { keepDims: false });
  return b.build([y]);
}

function statsOf(min: number, max: number): TensorStats {
  const observer = new Observer();
  observer.observe(Float32Array.from({ length: 1001 }, (_, i) => min + ((max - min) * i) / 1000));
  return observer.stats();
}

const graph = twoLayers();
const [one, two] = graph.ops;
const calibration: Calibration = {
  activations: { x: statsOf(-1, 1), [one.outputs[0]]: statsOf(-3, 3), [two.outputs[0]]: statsOf(-9, 9) },
  weights: {},
  samples: 1,
};

function plan(change: Partial<QuantSettings>) {
  const settings = { ...DEFAULT_SETTINGS, ...change };
  return { settings, plan: planQuantization(graph, calibration, settings) };
}
const weightsIn = (format: string) => ({ weights: { ...DEFAULT_SETTINGS.weights, format } });

describe('the choice of formats', () => {
  it('is int8 by default, and says so by saying nothing', () => {
    const { plan: made } = plan({});
    expect([...Object.values(made.weights), ...Object.values(made.activations)].some(({ format }) => format)).toBe(
      false,
    );
    const named = plan({ ...weightsIn('int8'), activations: { ...DEFAULT_SETTINGS.activations, format: 'int8' } });
    expect(named.plan).toEqual(made);
  });

  it('gives weights of fewer bits codes within ±(2^(b−1) − 1), stored as int8', () => {
    for (const bits of [2, 3, 4, 5, 6, 7, 8]) {
      const { settings, plan: made } = plan(weightsIn(`int${bits}`));
      const qmax = 2 ** (bits - 1) - 1;
      expect([...made.weights.w1.params.scale]).toEqual([0.7, 1.4].map((max) => Math.fround(Math.fround(max) / qmax)));
      const { data: codes, dtype } = quantizeGraph(graph, made, settings).tensors.get('w1')!;
      expect(dtype).toBe(bits === 4 ? 'int4' : 'int8');
      expect(Math.max(...Array.from(codes as Int8Array, Math.abs))).toBe(qmax);
      expect([codes![0], codes![4], codes![6]]).toEqual([qmax, qmax, -qmax]);
    }
    // 4 bits: 0.7/7 = 0.1 a step.
    const { settings, plan: made } = plan(weightsIn('int4'));
    expect([...(quantizeGraph(graph, made, settings).tensors.get('w1')!.data as Int8Array)].slice(0, 4)).toEqual([
      7, -4, 1, 2,
    ]);
  });

  it('scales the bias by its own weights', () => {
    const { settings, plan: made } = plan(weightsIn('int4'));
    const bias = quantizeGraph(graph, made, settings).tensors.get('b1')!;
    const step = made.weights.w1.params.scale[0] * made.activations.x.params.scale[0];
    expect(bias.data![0]).toBe(Math.round(0.5 / Math.fround(step)));
  });

  it('may differ by layer: weights by op, activations by the op that writes them', () => {
    const layers = { [two.id]: { weightFormat: 'int4' }, [one.id]: { activationFormat: 'fp8-e4m3fn' } };
    const { plan: made } = plan({ layers });
    expect(made.weights.w1.format).toBeUndefined();
    expect(made.weights.w2.format).toMatchObject({ kind: 'int', bits: 4 });
    expect(made.activations.x.format).toBeUndefined();
    expect(made.activations[one.outputs[0]]).toMatchObject({ format: { kind: 'float', exponentBits: 4 } });
    expect(made.activations[one.outputs[0]].params.scale[0]).toBe(Math.fround(3 / 448));
  });

  it('may differ for one tensor', () => {
    const { plan: made } = plan({ tensors: { x: { format: 'int16' } } });
    expect(made.activations.x.format).toMatchObject({ kind: 'int', bits: 16 });
    expect(made.activations[two.outputs[0]].format).toBeUndefined();
  });

  it.each(['fp8-e4m3fn', 'fp8-e5m2', 'flex-e3m4', 'fp4-e2m1', 'mxfp8-e4m3', 'mxfp4'])(
    'leaves evenly spread inputs INT8 where activations are %s, unless somebody chooses otherwise',
    (format) => {
      const activations = { ...DEFAULT_SETTINGS.activations, format };
      const { plan: made } = plan({ activations });
      expect(made.activations.x.format).toBeUndefined();
      expect(made.activations.x.params).toEqual(plan({}).plan.activations.x.params);
      expect(made.activations[two.outputs[0]].format).toBeDefined();
      expect(made.notes).toEqual([expect.stringMatching(/^Input x stays INT8: .* \d+ dB more on it\.$/)]);
      const { plan: own } = plan({ activations, tensors: { x: { format } } });
      expect(own.activations.x.format).toEqual(own.activations[two.outputs[0]].format);
      expect(own.notes).toEqual([]);
    },
  );

  it.each(['int4', 'int16', 'fp16', 'bf16', 'mxint8'])('lets inputs follow activations in %s', (format) => {
    const { plan: made } = plan({ activations: { ...DEFAULT_SETTINGS.activations, format } });
    expect(made.activations.x.format).toEqual(made.activations[two.outputs[0]].format);
  });

  it('gives inputs the float where rare values are so large that INT8 errs more', () => {
    // One value in a thousand is a hundred times as large as the others, of which INT8 then has next to nothing.
    const observer = new Observer();
    observer.observe(Float32Array.from({ length: 10_000 }, (_, i) => (i % 1000 ? Math.sin(i) : 100)));
    const wide = { ...calibration, activations: { ...calibration.activations, x: observer.stats() } };
    const settings = { ...DEFAULT_SETTINGS, activations: { ...DEFAULT_SETTINGS.activations, format: 'fp8-e4m3fn' } };
    const made = planQuantization(graph, wide, settings);
    expect(made.activations.x.format).toMatchObject({ kind: 'float', exponentBits: 4 });
    expect(made.notes).toEqual([]);
  });

  it('plans every format there is, and files refuse those they do not have, naming the tensors', () => {
    for (const { id } of FORMATS) {
      const { settings, plan: made } = plan({
        ...weightsIn(id),
        activations: { ...DEFAULT_SETTINGS.activations, format: id },
      });
      expect([...made.weights.w1.params.scale].every((s) => s > 0 && Number.isFinite(s))).toBe(true);
      if (id === 'int8') continue;
      expect(() => quantizeGraph(graph, made, settings)).toThrow(/other formats/);
    }
    const { settings, plan: made } = plan(weightsIn('fp8-e5m2'));
    let details: readonly string[] | undefined;
    try {
      quantizeGraph(graph, made, settings);
    } catch (error) {
      details = (error as { details?: readonly string[] }).details;
    }
    expect(details).toEqual(['weights w1', 'weights w2']);
  });

  it('says how narrow weights are stored', () => {
    expect(plan({}).plan.notes).toEqual([]);
    expect(plan(weightsIn('int4')).plan.notes).toEqual([
      expect.stringContaining('INT4 weights of 2 layers take half a byte'),
    ]);
    const layers = { [one.id]: { weightFormat: 'int3' } };
    expect(plan({ layers }).plan.notes).toEqual([expect.stringContaining('one layer have fewer than 8 bits')]);
  });

  it('of codes: weights with all of them or a zero point are simulated, activations around 0 can be written', () => {
    const full = plan({ weights: { ...DEFAULT_SETTINGS.weights, codes: 'full' } });
    expect(full.plan.weights.w1.format).toEqual({ kind: 'int', bits: 8, symmetric: true, narrow: false });
    expect([...full.plan.weights.w1.params.zeroPoint]).toEqual([0, 0]);
    expect(() => quantizeGraph(graph, full.plan, full.settings)).toThrow(/around zero/);

    const shifted = plan({ weights: { ...DEFAULT_SETTINGS.weights, codes: 'asymmetric', format: 'int4' } });
    // Row 1 of w1 is −0.35 … 0.7: 16 codes over 1.05, 0 at the fifth of them.
    const { scale, zeroPoint } = shifted.plan.weights.w1.params;
    expect([scale[0], zeroPoint[0]]).toEqual([Math.fround((Math.fround(0.7) + Math.fround(0.35)) / 15), -3]);
    const rounding = simulationOf(graph, shifted.plan).weights.get('w1')!;
    const rounded = roundedConstant(graph.tensors.get('w1')!.data as Float32Array, [2, 4], rounding);
    expect([...rounded.subarray(0, 4)].map((x) => Math.round(x / 0.07))).toEqual([10, -5, 1, 3]);
    expect(() => quantizeGraph(graph, shifted.plan, shifted.settings)).toThrow(/around zero/);

    const centred = plan({ activations: { ...DEFAULT_SETTINGS.activations, codes: 'symmetric' } });
    for (const { params } of Object.values(centred.plan.activations)) expect(params.zeroPoint[0]).toBe(0);
    expect(centred.plan.activations.x.params.scale[0]).toBe(Math.fround(1 / 127));
    expect(quantizeGraph(graph, centred.plan, centred.settings).tensors.get('x')!.dtype).toBe('int8');
  });

  it('of an unknown format is refused', () => {
    expect(() => plan(weightsIn('int9.5'))).toThrow(/no number format "int9.5"/);
  });
});
