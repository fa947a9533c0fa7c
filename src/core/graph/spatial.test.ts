import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bilinearTap, nearestTap, outputLength, padLengths, slideWindow, transposedCrop } from './spatial';

/** Starts of all windows that lie within `length`, found by trying each. */
function countWindows(length: number, kernel: number, stride: number, dilation: number): number {
  let count = 0;
  for (let start = 0; start < length; start += stride) {
    const last = Math.max(...Array.from({ length: kernel }, (_, tap) => start + tap * dilation));
    if (last < length) count++;
  }
  return count;
}

const window = fc.record({
  length: fc.integer({ min: 1, max: 40 }),
  kernel: fc.integer({ min: 1, max: 7 }),
  stride: fc.integer({ min: 1, max: 5 }),
  dilation: fc.integer({ min: 1, max: 3 }),
});

describe('sliding windows', () => {
  it('VALID counts the windows that fit', () => {
    fc.assert(
      fc.property(window, ({ length, kernel, stride, dilation }) => {
        const count = countWindows(length, kernel, stride, dilation);
        expect(Math.max(outputLength(length, kernel, stride, dilation, 'valid'), 0)).toBe(count);
        expect(padLengths(length, kernel, stride, dilation, 'valid')).toEqual([0, 0]);
      }),
    );
  });

  it('SAME starts a window at every stride and pads just enough for the last, the odd zero behind', () => {
    fc.assert(
      fc.property(window, ({ length, kernel, stride, dilation }) => {
        let starts = 0;
        for (let start = 0; start < length; start += stride) starts++;
        expect(outputLength(length, kernel, stride, dilation, 'same')).toBe(starts);

        const [before, after] = padLengths(length, kernel, stride, dilation, 'same');
        expect(after - before === 0 || after - before === 1).toBe(true);
        expect(countWindows(length + before + after, kernel, stride, dilation)).toBe(starts);
        if (before + after > 0)
          expect(countWindows(length + before + after - 1, kernel, stride, dilation)).toBe(starts - 1);
      }),
    );
  });

  it('agrees with known layers', () => {
    // MobileNetV1: 224 → 112 pads right and bottom only; ResNet's 7×7 stem pads 2 and 3.
    expect(slideWindow([224, 224], [3, 3], [2, 2], [1, 1], 'same')).toEqual({
      output: [112, 112],
      pads: [
        [0, 1],
        [0, 1],
      ],
    });
    expect(slideWindow([224, 224], [7, 7], [2, 2], [1, 1], 'same')).toEqual({
      output: [112, 112],
      pads: [
        [2, 3],
        [2, 3],
      ],
    });
    // DS-CNN: 49×10 by a 10×4 filter at stride 2.
    expect(slideWindow([49, 10], [10, 4], [2, 2], [1, 1], 'same')).toEqual({
      output: [25, 5],
      pads: [
        [4, 5],
        [1, 1],
      ],
    });
  });

  it('a transposed convolution crops what its forward convolution pads', () => {
    fc.assert(
      fc.property(window, fc.constantFrom('same', 'valid'), ({ length, kernel, stride }, padding) => {
        const input = outputLength(length, kernel, stride, 1, padding);
        fc.pre(input > 0);
        const [before, after] = transposedCrop(input, length, kernel, stride, padding);
        expect((input - 1) * stride + kernel - before - after).toBe(length);
        const pads = padLengths(length, kernel, stride, 1, padding);
        expect(before).toBe(pads[0]);
        if (padding === 'same' && kernel >= stride) expect(after).toBe(pads[1]);
      }),
    );
  });
});

describe('resizing', () => {
  const taps = (length: number, size: number, alignCorners: boolean, halfPixelCenters: boolean) =>
    Array.from({ length: size }, (_, i) => {
      const { lower, upper, fraction } = bilinearTap(i, length, size, { alignCorners, halfPixelCenters });
      return lower + (upper - lower) * fraction;
    });

  it('samples between pixels under each convention', () => {
    expect(taps(2, 4, false, false)).toEqual([0, 0.5, 1, 1]);
    expect(taps(2, 4, false, true)).toEqual([0, 0.25, 0.75, 1]);
    expect(taps(3, 5, true, false)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(taps(4, 2, false, true)).toEqual([0.5, 2.5]);
  });

  it('takes the nearest pixel under each convention', () => {
    const nearest = (length: number, size: number, alignCorners: boolean, halfPixelCenters: boolean) =>
      Array.from({ length: size }, (_, i) => nearestTap(i, length, size, { alignCorners, halfPixelCenters }));
    expect(nearest(2, 5, false, false)).toEqual([0, 0, 0, 1, 1]);
    expect(nearest(3, 2, false, true)).toEqual([0, 2]);
    expect(nearest(3, 4, true, false)).toEqual([0, 1, 1, 2]);
  });

  it('stays within the input, its weight within 0 and 1', () => {
    const lengths = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(lengths, lengths, fc.boolean(), fc.boolean(), (length, size, alignCorners, halfPixelCenters) => {
        for (let i = 0; i < size; i++) {
          const sampling = { alignCorners, halfPixelCenters };
          const { lower, upper, fraction } = bilinearTap(i, length, size, sampling);
          expect(lower >= 0 && lower <= upper && upper < length && upper - lower <= 1).toBe(true);
          if (upper > lower) expect(fraction >= 0 && fraction < 1).toBe(true);
          const nearest = nearestTap(i, length, size, sampling);
          expect(Number.isInteger(nearest) && nearest >= 0 && nearest < length).toBe(true);
        }
      }),
    );
  });
});
