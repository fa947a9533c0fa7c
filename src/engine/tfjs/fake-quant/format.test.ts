import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumberFormat } from '../../../core/number-formats/format';
import { codecOf } from '../../../core/number-formats/codecs';
import { dequantizeArray, quantizeArray } from '../../../core/number-formats/quantize-array';
import { formatOf, FORMATS } from '../../../core/number-formats/table';
import { roundConstant, roundToFormat } from './format';

const floats = FORMATS.filter(({ weights }) => weights.kind === 'float').map(({ id }) => id);
const blocks = FORMATS.filter(({ weights }) => weights.kind === 'block').map(({ id }) => id);

describe('rounding in place', () => {
  it.each(floats)('to %s agrees with the codes', (id) => {
    const format = formatOf(id)!.weights as NumberFormat;
    const codec = codecOf(format);
    const scales =
      format.kind === 'float' && !format.scaled ? fc.constant(1) : fc.constantFrom(1, 0.25, 2 ** -9, 3, 0.1);
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: Math.fround(-1e5), max: Math.fround(1e5) }), { maxLength: 40 }),
        scales,
        (list, scale) => {
          // The quotient is float32's here: on a power of two that is exact, elsewhere ties may differ.
          const values = Float32Array.from(list, (x) => (Math.log2(scale) % 1 === 0 ? x : Math.fround(x) * 1.0001));
          const expected = values.map((x) =>
            codec.decode(codec.encode(x, { scale, zeroPoint: 0 }), { scale, zeroPoint: 0 }),
          );
          roundToFormat(values, values.length, { format, scale });
          expect([...values].map((v) => v + 0)).toEqual([...expected].map((v) => v + 0));
        },
      ),
    );
  });

  it.each(blocks)('to %s in blocks along the last dimension agrees with the codes', (id) => {
    const format = formatOf(id)!.weights;
    const values = Float32Array.from({ length: 5 * 72 }, (_, i) => Math.sin(i * 7.1) * 10 ** ((i % 11) - 5));
    values.fill(0, 72, 104);
    const expected = dequantizeArray(quantizeArray(values, [5, 72], format));
    roundToFormat(values, 72, { format, scale: 1 });
    expect([...values].map((v) => v + 0)).toEqual([...expected].map((v) => v + 0));
  });

  it('keeps NaN and saturates infinities', () => {
    const values = Float32Array.of(NaN, Infinity, -Infinity, 0);
    roundToFormat(values, 4, { format: formatOf('fp8-e4m3fn')!.weights, scale: 0.5 });
    expect([...values]).toEqual([NaN, 224, -224, 0]);
  });
});

describe('rounding constants', () => {
  const e2m1 = formatOf('fp4-e2m1')!.weights;

  it('gives each channel its range, wherever its axis lies', () => {
    // Axis 1 of [2, 2]: channel 0 holds 6 and 2.6, fitted to 6; channel 1 holds 1 and 0.3, fitted to 1.5 = 6 · 0.25.
    const data = Float32Array.of(6, 1, 2.6, 0.3);
    const ranges = [
      { min: 0, max: 6 },
      { min: 0, max: 1.5 },
    ];
    expect([...roundConstant(data, [2, 2], { format: e2m1, ranges, axis: 1 })]).toEqual([6, 1, 3, 0.25]);
    const [range] = ranges;
    expect([...roundConstant(data, [2, 2], { format: e2m1, ranges: [range], axis: 1 })]).toEqual([6, 1, 3, 0.5]);
  });

  it('lays blocks along the values of a channel', () => {
    const mx = formatOf('mxfp4')!.weights;
    // [2, 2], axis 1: channel 0 is (4, 0.4), channel 1 (1, 0.1): powers of two 2^0 and 2^-2.
    const rounded = roundConstant(Float32Array.of(4, 1, 0.4, 0.1), [2, 2], {
      format: mx,
      ranges: [{ min: 0, max: 0 }],
      axis: 1,
    });
    expect([...rounded]).toEqual([4, 1, 0.5, 0.125]);
  });
});
