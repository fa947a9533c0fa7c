import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import type { Encoding } from './encoding';
import { ENCODINGS } from './table';

const grid = fc
  .record({ bits: fc.constantFrom(4, 8, 16), channels: fc.integer({ min: 1, max: 5 }), axis: fc.nat(3) })
  .chain(({ bits, channels, axis }) =>
    fc.record({
      tensor: fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
      bits: fc.constant(bits),
      scale: fc.array(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), { minLength: channels, maxLength: channels }),
      zeroPoint: fc.array(fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }), {
        minLength: channels,
        maxLength: channels,
      }),
      ...(channels > 1 && { axis: fc.constant(axis) }),
    }),
  ) as fc.Arbitrary<Encoding>;
const encodings = fc.uniqueArray(grid, { selector: ({ tensor }) => tensor, maxLength: 6 });

const byName = (all: readonly Encoding[]) => new Map(all.map((one) => [one.tensor, one]));

describe.each(ENCODINGS)('$title', ({ id, read, write }) => {
  it('lose nothing on the way out and in', () => {
    fc.assert(
      fc.property(encodings, (all) => {
        const file: unknown = JSON.parse(JSON.stringify(write(all)));
        expect(byName(read(file).encodings)).toEqual(byName(all));
        expect(read(file).left).toEqual([]);
      }),
    );
  });

  it('are known by what they look like', () => {
    const file = write([{ tensor: 'x', bits: 8, scale: [0.5], zeroPoint: [3] }]) as object;
    expect(ENCODINGS.find((row) => row.is(file))?.id).toBe(id);
  });

  it('refuse whatever JSON is something else with a typed error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          read(value);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(RangefinderError);
        }
      }),
    );
  });
});

const read = (id: string, value: unknown) => ENCODINGS.find((row) => row.id === id)!.read(value);

describe('what the tools write', () => {
  it('AIMET 1.0 adds its offset to unsigned codes', () => {
    const entry = { enc_type: 'PER_TENSOR', dtype: 'INT', bw: 8, is_sym: false };
    const file = {
      version: '1.0.0',
      activation_encodings: [{ ...entry, name: 'x', scale: [0.1], offset: [-118] }],
      param_encodings: [
        { ...entry, name: 'w', enc_type: 'PER_CHANNEL', is_sym: true, scale: [0.1, 0.2], offset: [-128, -128] },
        { ...entry, name: 'h', dtype: 'FLOAT', bw: 16 },
      ],
    };
    // Code 118 of 0 … 255 means 0: it is code −10 of −128 … 127.
    expect(read('aimet', file)).toEqual({
      encodings: [
        { tensor: 'x', bits: 8, scale: [0.1], zeroPoint: [-10] },
        { tensor: 'w', bits: 8, scale: [0.1, 0.2], zeroPoint: [0, 0] },
      ],
      left: ['h: FLOAT of 16 bits'],
    });
  });

  it('AIMET 2.x may leave out zero points, and what has no counterpart is listed', () => {
    const file = {
      version: '2.1.0',
      encodings: [
        { name: 'x', output_dtype: 'uint8', y_scale: 0.1, y_zero_point: 128 },
        { name: 'w', output_dtype: 'int4', y_scale: [0.1, 0.2], axis: 0 },
        { name: 'b', output_dtype: 'int4', y_scale: [[0.1], [0.2]], axis: 0, block_size: 32 },
        { name: 'f', output_dtype: 'float8e4m3fn', y_scale: 1 },
      ],
    };
    expect(read('aimet', file)).toEqual({
      encodings: [
        { tensor: 'x', bits: 8, scale: [0.1], zeroPoint: [0] },
        { tensor: 'w', bits: 4, scale: [0.1, 0.2], zeroPoint: [0, 0], axis: 0 },
      ],
      left: ['b: scales of blocks', 'f: float8e4m3fn codes'],
    });
  });

  it('onnxruntime takes a range, or the bits alone', () => {
    const file = { x: [{ quant_type: 'QUInt8', rmin: 0, rmax: 2.55 }], y: [{ quant_type: 'QInt16' }] };
    const [x, y] = read('ort', file).encodings;
    expect(x).toMatchObject({ tensor: 'x', bits: 8, zeroPoint: [-128] });
    expect(x.scale[0]).toBeCloseTo(0.01, 12);
    expect(y).toEqual({ tensor: 'y', bits: 16, scale: [], zeroPoint: [] });
  });
});
