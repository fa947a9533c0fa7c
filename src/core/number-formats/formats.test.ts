import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, extentOf, type FloatFormat, type NumberFormat } from './format';
import { halfToFloat } from '../numerics/half';
import { stochastic } from '../numerics/rounding';
import { codecOf } from './codecs';
import { codeTable, describeValue, numberLine } from './describe';
import { flexibleBias } from './flexible';
import { decodeE8M0, sharedExponent } from './microscaling';
import { dequantizeArray, quantizeArray } from './quantize-array';
import { formatOf, FORMATS } from './table';

const UNIT = { scale: 1, zeroPoint: 0 };

function float(id: string): FloatFormat {
  const format = formatOf(id)!.weights;
  if (format.kind !== 'float') throw new Error(`${id} is no float`);
  return format;
}

function valuesOf(format: NumberFormat): number[] {
  const codec = codecOf(format);
  const finite = Array.from(codec.codes(), (code) => codec.decode(code, UNIT)).filter(Number.isFinite);
  return [...new Set(finite.map((v) => v + 0))].sort((a, b) => a - b);
}

/** Nearest of all values, ties to the even code. */
function nearestValue(format: NumberFormat, x: number): number {
  const codec = codecOf(format);
  let best = NaN;
  let bestCode = 0;
  for (const code of codec.codes()) {
    const value = codec.decode(code, UNIT);
    if (!Number.isFinite(value)) continue;
    const [d, b] = [Math.abs(x - value), Math.abs(x - best)];
    if (!(d >= b) || (d === b && code % 2 === 0 && bestCode % 2 !== 0)) [best, bestCode] = [value, code];
  }
  return best + 0;
}

// Oracles §3.
describe('floating-point formats', () => {
  it.each([
    ['fp8-e4m3fn', 7, 448, 2 ** -6, 2 ** -9, 253],
    ['fp8-e5m2', 15, 57344, 2 ** -14, 2 ** -16, 247],
    ['fp8-e4m3', 7, 240, 2 ** -6, 2 ** -9, 239],
    ['fp8-e3m4', 3, 15.5, 0.25, 2 ** -6, 223],
    ['fp6-e2m3', 1, 7.5, 1, 0.125, 63],
    ['fp6-e3m2', 3, 28, 0.25, 0.0625, 63],
    ['fp4-e2m1', 1, 6, 1, 0.5, 15],
  ])('%s: bias %d, up to %d, normal from %d, subnormal from %d, %d numbers', (id, bias, max, normal, tiny, count) => {
    const format = float(id);
    const values = valuesOf(format);
    expect(format.bias).toBe(bias);
    expect(extentOf(format)).toEqual({ low: -max, high: max });
    expect([values.at(-1), values[0], values.length]).toEqual([max, -max, count]);
    const positive = values.filter((v) => v > 0);
    expect(positive[0]).toBe(tiny);
    // Normal numbers start where the exponent field does: the first code after all subnormal ones.
    expect(codecOf(format).decode(2 ** format.mantissaBits, UNIT)).toBe(normal);
  });

  it('E4M3FN has one NaN a sign and no infinity; 464 is a tie that rounds down', () => {
    const format = float('fp8-e4m3fn');
    const codec = codecOf(format);
    const special = [...codec.codes()].filter((code) => !Number.isFinite(codec.decode(code, UNIT)));
    expect(special).toEqual([0x7f, 0xff]);
    expect(codec.decode(0x7e, UNIT)).toBe(448);
    for (const overflow of ['saturate', 'special'] as const) expect(codec.encode(464, UNIT, { overflow })).toBe(0x7e);
    expect(codec.encode(464.0001, UNIT)).toBe(0x7e);
    expect(codec.encode(464.0001, UNIT, { overflow: 'special' })).toBe(0x7f);
    expect(codec.encode(-Infinity, UNIT, { overflow: 'special' })).toBe(0xff);
    expect(codec.encode(-Infinity, UNIT)).toBe(0xfe);
  });

  it('E5M2 overflows to infinity from 61440, half way to 2^16', () => {
    const codec = codecOf(float('fp8-e5m2'));
    expect(codec.encode(61439, UNIT, { overflow: 'special' })).toBe(0x7b);
    expect(codec.encode(61440, UNIT, { overflow: 'special' })).toBe(0x7c);
    expect(codec.decode(0x7c, UNIT)).toBe(Infinity);
    expect(codec.encode(NaN, UNIT)).toBe(0x7f);
    expect([0x7d, 0x7e, 0x7f].map((code) => codec.decode(code, UNIT))).toEqual([NaN, NaN, NaN]);
  });

  it('FP16 is IEEE 754 binary16 on every pattern', () => {
    const codec = codecOf(float('fp16'));
    const patterns = Uint16Array.from(codec.codes());
    expect(patterns.length).toBe(65536);
    expect(patterns.findIndex((p) => !Object.is(codec.decode(p, UNIT), halfToFloat(p)))).toBe(-1);
    const numbers = patterns.filter((p) => !Number.isNaN(halfToFloat(p)));
    expect(numbers.filter((p) => codec.encode(halfToFloat(p), UNIT, { overflow: 'special' }) !== p)).toHaveLength(0);
  });

  it('BF16 is the upper half of a float32, rounded to even', () => {
    const codec = codecOf(float('bf16'));
    const bits = new Uint32Array(1);
    const single = new Float32Array(bits.buffer);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        single[0] = x;
        const rounded = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16;
        expect(codec.encode(x, UNIT, { overflow: 'special' })).toBe(rounded);
        bits[0] = rounded << 16;
        expect(codec.decode(rounded, UNIT)).toBe(single[0]);
      }),
      { numRuns: 1000 },
    );
  });

  it('E8M0 holds powers of two only', () => {
    expect([0, 127, 254].map(decodeE8M0)).toEqual([2 ** -127, 1, 2 ** 127]);
    expect(decodeE8M0(0xff)).toBeNaN();
  });

  it('a flexible bias is a scale: the largest code is the clip value', () => {
    // Kuzmin et al.: p = max(1, ⌊log2|x| + b⌋), s = 2^(p − M − b), x̂ = s · round(x / s).
    for (const [exponentBits, mantissaBits] of [
      [2, 5],
      [3, 4],
      [4, 3],
      [5, 2],
    ]) {
      const format = float(`flex-e${exponentBits}m${mantissaBits}`);
      const codec = codecOf(format);
      fc.assert(
        fc.property(
          fc.double({ min: 0.01, max: 100, noNaN: true }),
          fc.double({ min: -1, max: 1, noNaN: true }),
          (c, t) => {
            const x = t * c;
            const b = flexibleBias(exponentBits, mantissaBits, c);
            const exponent = Math.log2(Math.abs(x)) + b;
            fc.pre(exponent <= 1 || Math.abs(exponent - Math.round(exponent)) > 1e-9);
            const s = 2 ** (Math.max(1, Math.floor(exponent)) - mantissaBits - b);
            fc.pre(Math.abs(Math.abs((x / s) % 1) - 0.5) > 1e-9); // ties hang on the last bit of s
            const params = { scale: c / extentOf(format).high, zeroPoint: 0 };
            const found = codec.decode(codec.encode(x, params), params);
            expect(Math.abs(found - s * Math.round(x / s))).toBeLessThanOrEqual(1e-12 * c);
          },
        ),
      );
      expect(extentOf(format).high * 2 ** (format.bias - flexibleBias(exponentBits, mantissaBits, 3))).toBeCloseTo(
        3,
        12,
      );
    }
  });
});

const SMALL = FORMATS.filter(({ bits, weights }) => bits <= 8 && weights.kind !== 'block').flatMap((row) => [
  [row.id, row.weights as NumberFormat] as const,
  [`${row.id} activation`, row.activations as NumberFormat] as const,
]);

describe.each(SMALL)('%s', (_, format) => {
  it('rounds to the nearest value, ties to the even code, saturated', () => {
    const codec = codecOf(format);
    const values = valuesOf(format);
    const largest = values.at(-1)!;
    const points = fc.oneof(
      fc.double({ min: -1.5 * largest, max: 1.5 * largest, noNaN: true }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: values.length - 1 }).map((i) => (values[i - 1] + values[i]) / 2),
      fc.constantFrom(Infinity, -Infinity),
    );
    fc.assert(
      fc.property(points, (x) => {
        const expected = Number.isFinite(x) ? nearestValue(format, x) : Math.sign(x) * (x > 0 ? largest : -values[0]);
        expect(codec.decode(codec.encode(x, UNIT), UNIT) + 0).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('brings every number back to its code', () => {
    const codec = codecOf(format);
    for (const scale of [1, 0.1, 2 ** -20]) {
      const params = { scale, zeroPoint: 0 };
      for (const code of codec.codes()) {
        const value = codec.decode(code, params);
        if (Number.isFinite(value)) expect(codec.encode(value, params)).toBe(code);
      }
    }
  });

  it('draws all of its values on the number line, and of a part only those', () => {
    const values = valuesOf(format);
    const all = numberLine(format, UNIT, -1e9, 1e9, 70_000);
    expect([...all.values].map((v) => v + 0)).toEqual(values);
    const [from, to] = [values[0] / 3, values.at(-1)! / 5];
    const part = numberLine(format, { scale: 0.5, zeroPoint: 0 }, from, to);
    expect([...part.values].map((v) => v + 0)).toEqual(values.map((v) => v / 2).filter((v) => v >= from && v <= to));
    const few = numberLine(format, UNIT, -1e9, 1e9, 5);
    expect(few.values.length).toBeLessThanOrEqual(5);
    expect([...few.values].map((v) => v + 0)).toEqual(values.filter((_v, i) => i % few.stride === 0));
  });
});

describe('formats by name', () => {
  it('have unique ids, a sentence, and as many codes as bits allow', () => {
    expect(new Set(FORMATS.map(({ id }) => id)).size).toBe(FORMATS.length);
    for (const row of FORMATS) {
      expect(row.explain).toMatch(/^[A-Z0-9].*\.$/);
      const format = row.activations;
      if (format.kind === 'block') expect(row.bits).toBe(bitsOf(format) + 0.25);
      else {
        expect(row.bits).toBe(bitsOf(format));
        expect(codeTable(format).length).toBe(2 ** row.bits);
      }
    }
  });

  it('say what the bits of a code mean', () => {
    const e4m3 = describeValue(-0.3, float('fp8-e4m3fn'), UNIT);
    // −0.3 → −1.25 · 2^-2: sign 1, exponent 5 − 7, mantissa 010.
    expect(e4m3).toMatchObject({ code: 0b1_0101_010, bits: '1 0101 010', value: -0.3125 });
    expect(e4m3.fields.map(({ meaning }) => meaning)).toEqual(['−', '2^-2', '1.25']);
    expect(describeValue(0.002, float('fp8-e4m3fn'), UNIT).fields.map(({ meaning }) => meaning)).toEqual([
      '+',
      '2^-6, subnormal',
      '0.125',
    ]);
    const int8 = formatOf('int8')!.activations as NumberFormat;
    expect(describeValue(-1, int8, { scale: 0.5, zeroPoint: -1 })).toMatchObject({
      code: -3,
      bits: '11111101',
      value: -1,
    });
    expect(codeTable(float('fp8-e5m2'))[0x7c].fields.at(-1)!.meaning).toBe('infinity');
  });
});

describe('stochastic rounding', () => {
  it('is seeded, takes a neighbour, and is right on average', () => {
    const format = float('fp8-e4m3fn');
    const values = Float32Array.from({ length: 20_000 }, () => 1.03);
    const draw = (seed: number) =>
      dequantizeArray(
        quantizeArray(values, [20_000], format, {
          rangeOf: () => ({ min: -448, max: 448 }),
          rounding: stochastic(seed),
        }),
      );
    const first = draw(1);
    expect(draw(1)).toEqual(first);
    expect(draw(2)).not.toEqual(first);
    expect([...new Set(first)].sort()).toEqual([1, 1.125]);
    // The mean of n draws is within 5 standard errors: √(p(1−p)/n) · 0.125 with p = 0.24.
    const mean = first.reduce((sum, v) => sum + v, 0) / first.length;
    expect(Math.abs(mean - Math.fround(1.03))).toBeLessThan(5 * 0.125 * Math.sqrt((0.24 * 0.76) / 20_000));
  });

  it('leaves representable values alone', () => {
    const int4 = formatOf('int4')!.weights as NumberFormat;
    const values = Float32Array.from([-7, -3, 0, 5, 7]);
    const codes = quantizeArray(values, [5], int4, { rounding: stochastic(3) }).codes;
    expect([...codes]).toEqual([-7, -3, 0, 5, 7]);
  });
});

describe('whole arrays', () => {
  const int8 = formatOf('int8')!.weights;

  it('share a scale by tensor, channel or block', () => {
    const values = Float32Array.from([1, 20, 2, 40, 3, 60, 127, 254]); // [4, 2]
    const scales = (granularity: Parameters<typeof quantizeArray>[3]) =>
      quantizeArray(values, [4, 2], int8, granularity).params.map(({ scale }) => scale * 127);
    const near = (actual: number[], expected: number[]) =>
      actual.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 4));
    near(scales({}), [254]);
    near(scales({ granularity: { kind: 'channel', axis: 1 } }), [127, 254]);
    near(scales({ granularity: { kind: 'channel', axis: 0 } }), [20, 40, 60, 254]);
    const row = quantizeArray(values, [1, 8], int8, { granularity: { kind: 'block', size: 3 } });
    near(
      row.params.map(({ scale }) => scale * 127),
      [20, 60, 254],
    );
    expect([...row.codes]).toEqual([6, 127, 13, 85, 6, 127, 64, 127]);
  });

  it('err by half a step at most, whatever the shape', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 3 }), fc.integer(), (shape, axis, seed) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const values = Float32Array.from({ length: size }, (_, i) => Math.fround(Math.sin(seed + 12.9 * i) * (i + 1)));
        for (const granularity of [
          { kind: 'tensor' } as const,
          { kind: 'channel', axis: axis % shape.length } as const,
          { kind: 'block', size: 2 } as const,
        ]) {
          const quantized = quantizeArray(values, shape, int8, { granularity });
          const step = Math.max(...quantized.params.map(({ scale }) => scale));
          const back = dequantizeArray(quantized);
          values.forEach((v, i) => expect(Math.abs(back[i] - v)).toBeLessThanOrEqual(0.5001 * step));
        }
      }),
    );
  });

  it.each([
    ['mxfp8-e4m3', 8],
    ['mxfp8-e5m2', 15],
    ['mxfp6-e2m3', 2],
    ['mxfp6-e3m2', 4],
    ['mxfp4', 2],
    ['mxint8', 0],
  ])('of %s have a largest exponent of %d', (id, exponent) => {
    expect(formatOf(id)!.weights).toMatchObject({ kind: 'block', size: 32, largestExponent: exponent });
  });

  it("choose a block's power of two by its largest value (OCP MX 1.0, 6.3)", () => {
    const mxfp4 = formatOf('mxfp4')!.weights;
    if (mxfp4.kind !== 'block') throw new Error('mxfp4 is no block format');
    // floor(log2 5) − 2 = 0: 5 is a tie between 4 and 6 and goes to the even code, 4.
    const values = new Float32Array(40);
    values.set([5, 0.2, 0.3, -2.6]);
    values[32] = 1e-30;
    const quantized = quantizeArray(values, [1, 40], mxfp4);
    expect(quantized.params.map(({ scale }) => scale)).toEqual([1, 2 ** (-100 - 2)]);
    expect([...dequantizeArray(quantized).subarray(0, 4)].map((v) => v + 0)).toEqual([4, 0, 0.5, -3]);
    expect(sharedExponent(0, mxfp4)).toBe(-127);
    expect(sharedExponent(3e38, mxfp4)).toBe(125);
    // 7.9 saturates at 6: the exponent is that of 4, not that of 8.
    expect(dequantizeArray(quantizeArray(Float32Array.of(7.9), [1], mxfp4))[0]).toBe(6);
  });
});
