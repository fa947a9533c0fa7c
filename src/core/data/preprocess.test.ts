import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { preprocessingInWords } from './describe';
import { compilePreprocessing } from './preprocess';
import type { Preprocessing, PreprocessStep } from './types';

const resize = (height: number, width: number, more: Partial<PreprocessStep> = {}): PreprocessStep =>
  ({ kind: 'resize', height, width, method: 'bilinear', fit: 'stretch', ...more }) as PreprocessStep;

function run(
  pipeline: Preprocessing,
  shape: number[],
  values: Uint8Array | Float32Array,
  inputShape: number[],
): number[] {
  return [...compilePreprocessing(pipeline, shape, inputShape)({ shape, values })];
}

function close(actual: number[], expected: number[], digits = 3): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i], digits));
}

/** 5×7 pixels of two channels, (7y² + 13x + 5cx) mod 256. */
const pattern = Float32Array.from({ length: 5 * 7 * 2 }, (_, i) => {
  const [y, x, c] = [Math.floor(i / 14), Math.floor(i / 2) % 7, i % 2];
  return (7 * y * y + 13 * x + 5 * c * x) % 256;
});

describe('resize', () => {
  it('equals OpenCV 5 INTER_LINEAR, smaller and larger', () => {
    close(
      run([resize(3, 4)], [5, 7, 2], pattern, [3, 4, 2]),
      [
        7.2083, 9.0833, 29.9583, 40.5833, 52.7083, 72.0833, 75.4583, 103.5833, 32.875, 34.75, 55.625, 66.25, 78.375,
        97.75, 101.125, 129.25, 100.5417, 102.4167, 123.2917, 133.9167, 146.0417, 165.4167, 168.7917, 196.9167,
      ],
    );
    const enlarged = run([resize(8, 10)], [5, 7, 2], pattern, [8, 10, 2]);
    close(enlarged.slice(60, 66), [21.4375, 21.4375, 28.5875, 31.3375, 37.6875, 43.9375]);
    close(enlarged.slice(140, 146), [112, 112, 119.15, 121.9, 128.25, 134.5]);
    close(enlarged.slice(-4), [182.85, 210.1, 190, 220]);
  });

  it('reproduces a plane wherever the input surrounds the output pixel', () => {
    const size = fc.integer({ min: 1, max: 12 });
    const slope = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(size, size, size, size, slope, slope, (h, w, rows, columns, dy, dx) => {
        const plane = Float32Array.from({ length: h * w }, (_, i) => dy * Math.floor(i / w) + dx * (i % w));
        const at = (i: number, from: number, to: number) =>
          Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
        const expected = Array.from(
          { length: rows * columns },
          (_, i) => dy * at(Math.floor(i / columns), h, rows) + dx * at(i % columns, w, columns),
        );
        close(run([resize(rows, columns)], [h, w, 1], plane, [rows, columns, 1]), expected);
      }),
    );
  });

  it('averages 2×2 blocks when halving', () => {
    const values = Uint8Array.from([0, 10, 100, 200, 20, 30, 50, 250]);
    expect(run([resize(1, 2)], [2, 4, 1], values, [1, 2, 1])).toEqual([15, 150]);
  });

  it('takes the nearest pixel: floor((i + ½) · in/out)', () => {
    const row = Uint8Array.from([1, 2, 3, 4]);
    expect(run([resize(1, 2, { method: 'nearest' })], [1, 4, 1], row, [2])).toEqual([2, 4]);
    expect(run([resize(1, 8, { method: 'nearest' })], [1, 4, 1], row, [8])).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
  });

  it('crops the middle after scaling the shorter side', () => {
    const values = Uint8Array.from({ length: 2 * 6 }, (_, i) => i);
    expect(run([resize(2, 2, { fit: 'crop' })], [2, 6, 1], values, [2, 2, 1])).toEqual([2, 3, 8, 9]);
    // 4×8 to 2×2: scaled to 2×4, whose columns 1 and 2 are means of the source's columns 2..3 and 4..5
    const larger = Uint8Array.from({ length: 4 * 8 }, (_, i) => (i % 8) * 10);
    expect(run([resize(2, 2, { fit: 'crop' })], [4, 8, 1], larger, [2, 2, 1])).toEqual([25, 45, 25, 45]);
  });
});

describe('values and channels', () => {
  it('scales bytes and floats alike', () => {
    const pipeline: Preprocessing = [{ kind: 'scale', scale: 1 / 127.5, offset: -1 }];
    expect(run(pipeline, [3], Uint8Array.from([0, 51, 255]), [3])).toEqual([-1, Math.fround(-0.6), 1]);
    expect(run(pipeline, [3], Float32Array.from([0, 51, 255]), [3])).toEqual([-1, Math.fround(-0.6), 1]);
  });

  it('normalizes per channel, as torchvision does', () => {
    const mean = [0.485, 0.456, 0.406];
    const std = [0.229, 0.224, 0.225];
    const pipeline: Preprocessing = [
      { kind: 'scale', scale: 1 / 255, offset: 0 },
      { kind: 'normalize', mean, std },
    ];
    const expected = [10, 20, 30, 200, 210, 220].map((v, i) => (v / 255 - mean[i % 3]) / std[i % 3]);
    close(run(pipeline, [1, 2, 3], Uint8Array.from([10, 20, 30, 200, 210, 220]), [1, 2, 3]), expected, 6);
  });

  it('merges value steps into what they are one by one', () => {
    const number = fc.integer({ min: -8, max: 8 }).map((n) => n / 4);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('scale' as const), scale: number, offset: number }),
      fc.record({
        kind: fc.constant('normalize' as const),
        mean: fc.tuple(number, number, number),
        std: fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom(0.25, 0.5, 1, 2, 4))),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), fc.uint8Array({ minLength: 6, maxLength: 6 }), (steps, bytes) => {
        let expected = [...bytes].map(Number);
        for (const s of steps)
          expected = expected.map((v, i) =>
            s.kind === 'scale' ? v * s.scale + s.offset : (v - s.mean[i % 3]) / s.std[i % 3],
          );
        close(run(steps, [1, 2, 3], bytes, [1, 2, 3]), expected, 2);
      }),
    );
  });

  it('applies per-channel factors to the channels of their own step', () => {
    const pipeline: Preprocessing = [
      { kind: 'normalize', mean: [1, 2, 3], std: [1, 1, 1] },
      { kind: 'channels', order: 'bgr' },
      { kind: 'reshape', shape: [6] },
      { kind: 'scale', scale: 2, offset: 0 },
    ];
    expect(run(pipeline, [1, 2, 3], Uint8Array.from([1, 2, 3, 11, 22, 33]), [6])).toEqual([0, 0, 0, 60, 40, 20]);
  });

  it('changes colour order, depth and layout', () => {
    const rgb = Uint8Array.from([100, 200, 50]);
    expect(run([{ kind: 'channels', order: 'bgr' }], [1, 1, 3], rgb, [3])).toEqual([50, 200, 100]);
    close(run([{ kind: 'channels', order: 'gray' }], [1, 1, 3], rgb, [1]), [0.299 * 100 + 0.587 * 200 + 0.114 * 50], 4);
    expect(run([{ kind: 'channels', order: 'rgb' }], [1, 2], Uint8Array.from([7, 9]), [1, 2, 3])).toEqual([
      7, 7, 7, 9, 9, 9,
    ]);
    const chw = Uint8Array.from([1, 2, 3, 4, 10, 20, 30, 40]);
    expect(run([{ kind: 'layout', from: 'chw' }], [2, 2, 2], chw, [2, 2, 2])).toEqual([1, 10, 2, 20, 3, 30, 4, 40]);
  });

  it('serves images of mixed sizes with one compiled pipeline', () => {
    const prepare = compilePreprocessing([resize(1, 1)], [2, 2, 1], [1, 1, 1]);
    expect([...prepare({ shape: [2, 2, 1], values: Uint8Array.from([0, 2, 4, 6]) })]).toEqual([3]);
    expect([...prepare({ shape: [1, 2, 1], values: Uint8Array.from([10, 20]) })]).toEqual([15]);
  });
});

describe('what cannot match', () => {
  const compile = (pipeline: Preprocessing, shape: number[], input: number[]) => () =>
    compilePreprocessing(pipeline, shape, input);
  const error = (code: string, message: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(message) });

  it('is refused when compiled', () => {
    expect(compile([], [32, 32, 3], [28, 28, 1])).toThrow(error('invalid-data', '32×32×3'));
    expect(compile([], [3, 32, 32], [32, 32, 3])).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('layout') }),
    );
    expect(compile([resize(4, 4)], [640], [4, 4, 1])).toThrow(error('invalid-data', '640 is no image'));
    expect(compile([{ kind: 'reshape', shape: [5, 5] }], [24], [5, 5])).toThrow(error('invalid-data', '24'));
    expect(compile([{ kind: 'normalize', mean: [0, 0], std: [1, 1] }], [2, 2, 3], [2, 2, 3])).toThrow(
      error('invalid-data', 'do not fit 3 channels'),
    );
    expect(compile([{ kind: 'normalize', mean: [0], std: [0] }], [4], [4])).toThrow(error('invalid-settings', 'std 0'));
    expect(compile([resize(0, 4)], [8, 8, 1], [0, 4, 1])).toThrow(error('invalid-settings', '0×4'));
    expect(compile([{ kind: 'channels', order: 'rgb' }], [2, 2, 2], [2, 2, 3])).toThrow(
      error('invalid-data', '2 channels'),
    );
  });

  it('overlooks dimensions of one, and the batch', () => {
    expect(run([], [28, 28], new Uint8Array(784), [-1, 28, 28, 1]).length).toBe(784);
  });
});

describe('preprocessingInWords', () => {
  it('reads as a sentence', () => {
    expect(preprocessingInWords([resize(96, 96), { kind: 'scale', scale: 1 / 255, offset: 0 }])).toBe(
      'Resize to 96×96 (bilinear), divide by 255.',
    );
    expect(preprocessingInWords([{ kind: 'scale', scale: 1 / 127.5, offset: -1 }])).toBe(
      'Divide by 127.5, subtract 1.',
    );
    expect(preprocessingInWords([])).toBe('Values go in as they are.');
  });
});
