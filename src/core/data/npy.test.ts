import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { RangefinderError } from '../../base/errors';
import { parseNpy, parseNpz } from './npy';
import { writeNpy } from '../../testing/builders/npy-writer';

const element: Record<string, fc.Arbitrary<number>> = {
  f4: fc.float(),
  f8: fc.double(),
  i1: fc.integer({ min: -128, max: 127 }),
  u1: fc.integer({ min: 0, max: 255 }),
  i2: fc.integer({ min: -32768, max: 32767 }),
  u2: fc.integer({ min: 0, max: 65535 }),
  i4: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  i8: fc.maxSafeInteger(),
  b1: fc.integer({ min: 0, max: 1 }),
};

const anyArray = fc
  .record({
    order: fc.constantFrom('<', '>'),
    code: fc.constantFrom(...Object.keys(element)),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
    version: fc.constantFrom(1 as const, 2 as const, 3 as const),
    misalign: fc.integer({ min: 0, max: 7 }),
  })
  .chain(({ order, code, shape, version, misalign }) => {
    const count = shape.reduce((n, d) => n * d, 1);
    return fc
      .array(element[code], { minLength: count, maxLength: count })
      .map((values) => ({ descr: order + code, shape, values, version, misalign }));
  });

/** The same file somewhere inside a larger buffer, as an entry of an archive lies. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + by);
  buffer.set(bytes, by);
  return buffer.subarray(by);
}

function failure(run: () => unknown): RangefinderError {
  try {
    run();
  } catch (error) {
    if (error instanceof RangefinderError) return error;
    throw error;
  }
  throw new Error('no error');
}

describe('parseNpy', () => {
  it('gives back what was written, in every type, endianness, version and alignment', () => {
    fc.assert(
      fc.property(anyArray, (written) => {
        const array = parseNpy(shifted(writeNpy(written), written.misalign));
        expect(array.shape).toEqual(written.shape);
        expect(Array.from(array.data as ArrayLike<number | bigint>, Number)).toEqual(written.values);
      }),
    );
  });

  it('turns Fortran order into C order', () => {
    // numpy: np.asfortranarray(np.arange(24).reshape(2,3,4)) writes these bytes
    const columnMajor = [];
    for (let k = 0; k < 4; k++)
      for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) columnMajor.push(i * 12 + j * 4 + k);
    const array = parseNpy(writeNpy({ descr: '<i4', shape: [2, 3, 4], values: columnMajor, fortran: true }));
    expect([...(array.data as Int32Array)]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  it('widens float16 exactly', () => {
    // IEEE 754: 1, −2, largest, smallest normal, smallest subnormal, −0, inf, 1/3 rounded
    const halves = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0x3555];
    const { data } = parseNpy(writeNpy({ descr: '<f2', shape: [8], values: halves }));
    expect([...(data as Float32Array)]).toEqual([1, -2, 65504, 2 ** -14, 2 ** -24, -0, Infinity, 0.333251953125]);
    expect((parseNpy(writeNpy({ descr: '<f2', shape: [1], values: [0x7e00] })).data as Float32Array)[0]).toBeNaN();
  });

  it('says what is wrong with a damaged or foreign file', () => {
    const good = writeNpy({ descr: '<f4', shape: [10], values: Array(10).fill(1) });
    expect(failure(() => parseNpy(good.subarray(0, good.length - 1), 'a.npy'))).toMatchObject({
      code: 'corrupt-file',
      where: 'a.npy',
      message: expect.stringContaining('40 bytes; the file holds 39'),
    });
    expect(failure(() => parseNpy(good.subarray(0, 40))).code).toBe('corrupt-file');
    expect(failure(() => parseNpy(new Uint8Array(3))).code).toBe('unknown-format');
    expect(failure(() => parseNpy(writeNpy({ descr: '<c8', shape: [0], values: [] }))).code).toBe(
      'unsupported-feature',
    );
    expect(failure(() => parseNpy(writeNpy({ descr: '<f4', shape: [2 ** 40, 2 ** 40], values: [] }))).code).toBe(
      'corrupt-file',
    );
  });

  it('never fails but with a typed error, whatever the bytes after the magic', () => {
    const good = writeNpy({ descr: '<f4', shape: [3, 2], values: [1, 2, 3, 4, 5, 6] });
    fc.assert(
      fc.property(fc.integer({ min: 6, max: good.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const bytes = good.slice();
        bytes[at] = value;
        try {
          parseNpy(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangefinderError);
        }
      }),
    );
  });
});

describe('parseNpz', () => {
  it('reads stored and deflated entries by name', () => {
    const x = writeNpy({ descr: '<f4', shape: [2, 2], values: [1, 2, 3, 4] });
    const y = writeNpy({ descr: '<i8', shape: [2], values: [7, -7] });
    const arrays = parseNpz(zipSync({ 'x.npy': [x, { level: 0 }], 'y.npy': [y, { level: 9 }] }));
    expect([...arrays.keys()]).toEqual(['x', 'y']);
    expect([...(arrays.get('x')!.data as Float32Array)]).toEqual([1, 2, 3, 4]);
    expect([...(arrays.get('y')!.data as BigInt64Array)]).toEqual([7n, -7n]);
  });
});

describe.skipIf(!haveFixtures)('real npz files', () => {
  it("opens numpy's own, and sees a probability distribution in ResNet8's golden output", () => {
    const arrays = parseNpz(readFixture('goldens/mlperf_tiny__ic__trained_models__pretrainedResnet.tflite.npz'));
    expect(arrays.get('in0')?.shape).toEqual([1, 32, 32, 3]);
    expect(arrays.get('in0')?.dtype).toBe('float32');
    const output = arrays.get('out0')!;
    expect(output.shape).toEqual([1, 10]);
    expect((output.data as Float32Array).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });
});
