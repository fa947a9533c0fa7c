import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { readTflite } from '../model-formats/tflite/read';
import { GraphBuilder } from '../graph/build';
import { BATCH, type Graph } from '../graph/graph';
import { normalize } from '../graph/passes/normalize';
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat } from '../number-formats/format';
import { formatOf } from '../number-formats/table';
import { planArena } from './arena';
import { FLOAT32, uniformFormats } from './formats';
import { ACCUMULATORS, exactAccumulatorBits, macArea, macEnergy, OPERATION_PJ } from './mac';
import { modelCost } from './model-cost';
import { perMac, REFERENCE_CARDS } from './reference-cards';
import { COST_METRICS } from './table';

const format = (id: string): AnyFormat => formatOf(id)!.weights;

// Oracles §7.
describe('exact accumulator', () => {
  it.each([
    ['int4', 13],
    ['int8', 21],
    ['flex-e2m5', 23],
    ['flex-e3m4', 29],
    ['flex-e4m3', 43],
    ['flex-e5m2', 73],
  ])('of 64 products of %s: %d bits', (id, bits) => {
    expect(exactAccumulatorBits(format(id), format(id), 64)).toBe(bits);
  });

  it('holds what int8 products add up to, and not a bit more than needed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (n) => {
        const bits = exactAccumulatorBits(INT8_WEIGHT, INT8_WEIGHT, n);
        expect(n * 127 * 127).toBeLessThan(2 ** (bits - 1));
        expect(n * 128 * 128).toBeGreaterThan(2 ** (bits - 3));
      }),
    );
  });
});

// Oracles §8.
describe('one multiply-accumulate', () => {
  it('takes 0.3, 1.5 and 4.6 pJ in INT8, FP16 and FP32', () => {
    const energy = (a: AnyFormat) => macEnergy(a, a, 'fp16').value;
    expect(energy(INT8_WEIGHT)).toBeCloseTo(0.3, 12);
    expect(energy(format('fp16'))).toBeCloseTo(1.5, 12);
    expect(energy(FLOAT32)).toBeCloseTo(4.6, 12);
  });

  it('is made of Horowitz’s operations at 45 nm', () => {
    expect(OPERATION_PJ).toMatchObject({
      intAdd: { 8: 0.03, 16: 0.05, 32: 0.1 },
      intMultiply: { 8: 0.2, 32: 3.1 },
      floatAdd: { 16: 0.4, 32: 0.9 },
      floatMultiply: { 16: 1.1, 32: 3.7 },
      cacheRead: 10,
    });
    expect(OPERATION_PJ.source).toContain('45 nm');
  });

  it('takes 1.53 to 2.83 times INT8 in FP8, as the accumulator says, and says that this is derived', () => {
    const fp8 = format('fp8-e4m3fn');
    for (const [id, factor] of [
      ['fp16', 1.53],
      ['fp32', 2.83],
      ['fused', 1.126],
    ] as const) {
      const energy = macEnergy(fp8, fp8, id);
      expect(energy.value).toBeCloseTo(0.3 * factor, 12);
      expect(energy.derived).toContain('INT8 ×');
      expect(macArea(fp8, fp8, id)!.value).toBe(factor);
    }
    expect(ACCUMULATORS.every(({ source, explain }) => source.length > 20 && explain.endsWith('.'))).toBe(true);
  });

  it('runs in floating point where either operand does', () => {
    expect(macEnergy(format('int4'), FLOAT32, 'fp16').value).toBeCloseTo(4.6, 12);
    expect(macEnergy(format('fp8-e4m3fn'), format('bf16'), 'fp32').value).toBeCloseTo(1.5, 12);
    expect(macArea(format('int4'), INT8_ACTIVATION, 'fp16')).toBeNull();
  });

  it('is a small part of what a measured board takes', () => {
    const [ic] = REFERENCE_CARDS;
    expect(perMac(ic).cycles).toBeCloseTo(2.05, 2);
    expect(perMac(ic).picojoules).toBeCloseTo(561, 0);
    expect(perMac(ic).picojoules! / 0.3).toBeGreaterThan(1800);
    expect(perMac(REFERENCE_CARDS[4]).picojoules).toBeNull();
  });
});

describe('measured boards', () => {
  it.each([
    ['Cortex-M4', 120, 'image classification', 214, 7019],
    ['Cortex-M4', 120, 'keyword spotting', 62.9, 2833],
    ['Cortex-M4', 120, 'visual wake words', 118.7, 5618],
    ['Cortex-M4', 120, 'anomaly detection', 6.86, 294],
    ['Cortex-M7', 280, 'image classification', 51.9, undefined],
    ['Cortex-M33', 160, 'image classification', 128, undefined],
  ])('%s at %d MHz, %s: %d ms, %d µJ', (core, megahertz, model, milliseconds, microjoules) => {
    const card = REFERENCE_CARDS.find((each) => each.core === core && each.model === model);
    expect(card).toMatchObject({ megahertz, milliseconds, source: expect.stringContaining('MLPerf Tiny v1.1') });
    expect(card!.microjoules).toBe(microjoules);
  });
});

function load(path: string): Graph {
  return normalize(readTflite(readFixture(`mlperf_tiny/${path}.tflite`), path));
}

// Oracles §7.
describe.skipIf(!haveFixtures)('reference models', () => {
  it.each([
    ['ic/trained_models/pretrainedResnet', 12_501_632, 49_152, 49_152],
    // Greedy: 36,864 at 0, so the 18,432 before it lie behind the input's 27,648 and behind each other's: 64,512.
    ['vww/trained_models/vww_96_float', 7_489_664, 55_296, 64_512],
    ['kws/trained_models/kws_ref_model_float32', 2_656_768, 16_000, 16_000],
    ['ad/trained_models/ad01_fp32', 264_192, 768, 768],
  ])('%s: %d MACs, %d bytes alive at most in int8, %d planned', (path, macs, peak, planned) => {
    const graph = load(path);
    const cost = modelCost(graph, uniformFormats(graph, INT8_WEIGHT, INT8_ACTIVATION));
    expect(cost.total.macs).toBe(macs);
    expect(cost.total.bops).toBe(macs * 64);
    expect(cost.total.aluPicojoules).toBeCloseTo(0.3 * macs, 3);
    expect(cost.arena.lowerBound).toBe(peak);
    expect(cost.arena.bytes).toBe(planned);
    for (const metric of COST_METRICS) {
      const own = cost.layers.map((layer) => metric.of(layer) ?? 0);
      const total = metric.total(cost);
      if (total !== null && metric.id !== 'accumulator')
        expect(total, metric.id).toBeCloseTo(
          own.reduce((a, b) => a + b, 0),
          3,
        );
    }
  });

  it.each([
    ['ic/trained_models/pretrainedResnet', 318_144, 98_496],
    ['vww/trained_models/vww_96_float', 866_284, 333_288],
    ['ad/trained_models/ad01_fp32', 1_067_648, 276_976],
  ])('%s: constants fill most of the %d byte float file and fit in the %d byte int8 one', (path, float, int8) => {
    const graph = load(path);
    const bytes = (w: AnyFormat, a: AnyFormat) => modelCost(graph, uniformFormats(graph, w, a)).total.bytes;
    expect(bytes(FLOAT32, FLOAT32)).toBeLessThan(float);
    expect(bytes(FLOAT32, FLOAT32)).toBeGreaterThan(0.9 * float);
    expect(bytes(INT8_WEIGHT, INT8_ACTIVATION)).toBeLessThan(int8);
    // Scales of the channels, names and options are the rest.
    expect(bytes(INT8_WEIGHT, INT8_ACTIVATION)).toBeGreaterThan(0.6 * int8);
    expect(bytes(format('int4'), INT8_ACTIVATION)).toBeLessThan(0.6 * bytes(INT8_WEIGHT, INT8_ACTIVATION));
  });

  it.each([
    ['ic/trained_models/pretrainedResnet', 318_144],
    ['ic/trained_models/pretrainedResnet_quant', 98_496],
    ['vww/trained_models/vww_96_float', 866_284],
    ['vww/trained_models/vww_96_int8', 333_288],
    ['ad/trained_models/ad01_fp32', 1_067_648],
    ['ad/trained_models/ad01_int8', 276_976],
    ['kws/trained_models/kws_ref_model', 53_936],
  ])('%s.tflite has %d bytes, most of them constants', (path, bytes) => {
    const file = readFixture(`mlperf_tiny/${path}.tflite`);
    expect(file.byteLength).toBe(bytes);
    let constants = 0;
    for (const { data, dtype } of readTflite(file, path).tensors.values())
      constants += dtype === 'int4' ? Math.ceil(data!.length / 2) : (data?.byteLength ?? 0);
    expect(constants).toBeLessThan(bytes);
    expect(constants).toBeGreaterThan(0.4 * bytes);
  });

  it('ResNet8: the residual adds hold three of the largest activations', () => {
    const graph = load('ic/trained_models/pretrainedResnet');
    const { arena } = modelCost(graph, uniformFormats(graph, INT8_WEIGHT, INT8_ACTIVATION));
    const peak = graph.ops[arena.live.indexOf(arena.lowerBound)];
    expect(arena.live.length).toBe(graph.ops.length);
    expect(peak.kind).toMatch(/conv2d|add/);
    const alive = arena.buffers.filter(
      ({ first, last }) => first <= arena.live.indexOf(49_152) && last >= arena.live.indexOf(49_152),
    );
    expect(alive.map(({ bytes }) => bytes)).toEqual([16_384, 16_384, 16_384]);
  });
});

describe('arena', () => {
  /** A chain of ops with skip connections; sizes of their outputs as given, of the input 1. */
  function chain(sizes: readonly number[], skips: readonly (number | null)[] = []) {
    const builder = new GraphBuilder('chain');
    const made = [builder.input('x', [BATCH, 1])];
    sizes.forEach((_, i) => {
      const from = made[Math.min(skips[i] ?? Infinity, made.length - 1)];
      made.push(builder.op('add', `op${i}`, [made.at(-1)!, from], {})[0]);
    });
    const bytesOf = (id: string) => [1, ...sizes][made.indexOf(id)];
    return { graph: builder.build([made.at(-1)!]), bytesOf };
  }

  it('never lets two buffers share bytes and time, and needs at least what is alive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.option(fc.nat(11)), { minLength: 12, maxLength: 12 }),
        (sizes, skips) => {
          const { graph, bytesOf } = chain(sizes, skips);
          const plan = planArena(graph, bytesOf);
          expect(plan.buffers.length).toBe(sizes.length + 1);
          for (const a of plan.buffers) {
            expect(a.offset % 16).toBe(0);
            expect(a.offset + a.bytes).toBeLessThanOrEqual(plan.bytes);
            for (const b of plan.buffers) {
              const together = a !== b && a.first <= b.last && b.first <= a.last;
              if (together) expect(a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset).toBe(true);
            }
          }
          expect(plan.bytes).toBeGreaterThanOrEqual(plan.lowerBound);
        },
      ),
    );
  });

  it('places the largest at 0 and every other in its first gap', () => {
    // x (1) → a (100) → b (300) → c (50) → d (100). b goes to 0; a, beside b, to 300; d never meets b: 0; c meets b and d:
    // 300, where a is gone by then; x meets a only: 0.
    const { graph, bytesOf } = chain([100, 300, 50, 100]);
    const { buffers, bytes, live, lowerBound } = planArena(graph, bytesOf, 1);
    expect(buffers.map((b) => b.bytes)).toEqual([1, 100, 300, 50, 100]);
    expect(buffers.map((b) => b.offset)).toEqual([0, 300, 0, 300, 0]);
    expect(live).toEqual([101, 400, 350, 150]);
    expect([lowerBound, bytes]).toEqual([400, 400]);
  });
});
