import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random';
import { affine, elastic } from './distort';
import { CLASSES, drawDigit, LEVEL, SIZE } from './draw';
import { arc, curve, GLYPHS, line } from './glyphs';
import { coverage } from './raster';
import { digitSet } from './set';

const PIXELS = SIZE * SIZE;
const length = (stroke: readonly (readonly [number, number])[]) =>
  stroke.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - stroke[i][0], y - stroke[i][1]), 0);

describe('strokes', () => {
  it('have the lengths of the lines and arcs they stand for', () => {
    expect(length(line([0, 0], [3, 4], [3, 5]))).toBeCloseTo(6, 12);
    expect(length(arc(1, 2, 0.5, 0.5, 30, 390))).toBeCloseTo(Math.PI, 1);
  });

  it('pass through every point given', () => {
    const through = [[-0.5, -0.7], [0, -1], [0.6, -0.2], [0.1, 0.9]] as const; // prettier-ignore
    const points = curve(...through);
    for (const [x, y] of through)
      expect(Math.min(...points.map((p) => Math.hypot(p[0] - x, p[1] - y)))).toBeLessThan(1e-12);
  });

  it('are as long as the points between them are close, and stay within the box', () => {
    for (const stroke of GLYPHS.flat(2))
      stroke.forEach(([x, y], i) => {
        expect(Math.abs(x)).toBeLessThan(0.8);
        expect(Math.abs(y)).toBeLessThan(1.05);
        if (i > 0) expect(Math.hypot(x - stroke[i - 1][0], y - stroke[i - 1][1])).toBeLessThan(0.12);
      });
  });
});

describe('distortions', () => {
  it('scale, shear, turn and shift in that order', () => {
    const [x, y] = affine({ scaleX: 2, scaleY: 3, shear: 0.5, rotation: Math.PI / 2, shift: [10, 20] })([1, 1]);
    // (1, 1) → (2, 3) → (3.5, 3) → a quarter turn clockwise, y down: (−3, 3.5) → (7, 23.5)
    expect([x, y]).toEqual([expect.closeTo(7, 12), expect.closeTo(23.5, 12)]);
  });

  it('displace elastically by the strength asked for, smoothly', () => {
    let squares = 0;
    const trials = 4000;
    for (let seed = 0; seed < trials; seed++) {
      const random = new Random(7, seed);
      const bend = elastic(random, 0.1);
      const [x, y] = bend([0.3, -0.2]);
      squares += ((x - 0.3) ** 2 + (y + 0.2) ** 2) / 2;
      const [nearX, nearY] = bend([0.301, -0.2]);
      expect(Math.hypot(nearX - x - 0.001, nearY - y)).toBeLessThan(0.002);
    }
    expect(Math.sqrt(squares / trials)).toBeCloseTo(0.1, 2);
  });
});

describe('coverage', () => {
  it('of a disc sums to its area, of a line to that of the rounded line', () => {
    const sum = (image: Float32Array) => image.reduce((total, share) => total + share, 0);
    const r = 5;
    const centre = [13.2, 13.7] as const;
    expect(sum(coverage(28, [[centre, centre]], () => r)) / (Math.PI * r * r)).toBeCloseTo(1, 1.5);
    const bar = coverage(28, [line([6, 10], [18, 15])], () => 2);
    expect(sum(bar) / (4 * 13 + Math.PI * 4)).toBeCloseTo(1, 1.5);
  });

  it('is one on the stroke, a half at its edge, none beyond', () => {
    const covered = coverage(9, [line([1, 4], [7, 4])], () => 1.5);
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8].map((y) => covered[y * 9 + 4])).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0]);
    expect(coverage(9, [line([1, 4], [7, 4])], () => 2)[2 * 9 + 4]).toBe(0.5);
  });
});

describe('digit sets', () => {
  const set = digitSet(400, 11);

  it('are the same for the same seed, begin the same whatever their size, and differ for another', () => {
    const again = digitSet(40, 11);
    expect(again.x).toEqual(set.x.subarray(0, 40 * PIXELS));
    expect(digitSet(40, 12).x).not.toEqual(again.x);
  });

  it('hold each digit as often', () => {
    const counts = new Array(CLASSES).fill(0);
    for (const label of set.y) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(40));
  });

  it('hold no picture twice, and none of another seed', () => {
    const keys = (x: Uint8Array) =>
      Array.from({ length: x.length / PIXELS }, (_, i) => x.subarray(i * PIXELS, (i + 1) * PIXELS).join());
    const all = [...keys(set.x), ...keys(digitSet(400, 12).x)];
    expect(new Set(all).size).toBe(800);
  });

  it('use the whole range of grey in steps of 5, light and dark paper, faint and strong ink', () => {
    expect(set.x.every((value) => value % LEVEL === 0)).toBe(true);
    expect(set.x.includes(0) && set.x.includes(255)).toBe(true);
    const mean = set.x.reduce((sum, value) => sum + value, 0) / set.x.length;
    expect(mean).toBeGreaterThan(90);
    expect(mean).toBeLessThan(165);
    const spread = Array.from({ length: 400 }, (_, i) => {
      const image = set.x.subarray(i * PIXELS, (i + 1) * PIXELS);
      const average = image.reduce((sum, v) => sum + v, 0) / PIXELS;
      return Math.sqrt(image.reduce((sum, v) => sum + (v - average) ** 2, 0) / PIXELS);
    });
    // Every picture shows something; the strongest shows ten times as much as the faintest.
    expect(Math.min(...spread)).toBeGreaterThan(3);
    expect(Math.max(...spread) / Math.min(...spread)).toBeGreaterThan(8);
  });

  it('show where the ink of a digit is: the mean of many ones is a bar, of many noughts a ring', () => {
    const inkAt = (digit: number) => {
      const sum = new Float64Array(PIXELS);
      for (let i = 0; i < 300; i++) {
        const image = drawDigit(digit, new Random(5, i));
        const sorted = Float64Array.from(image).sort();
        const paper = sorted[PIXELS / 2];
        const contrast = Math.max(sorted[PIXELS - 8] - paper, paper - sorted[8]);
        image.forEach((value, p) => (sum[p] += Math.abs(value - paper) / contrast / 300));
      }
      return (x: number, y: number) => (sum[y * SIZE + x] + sum[y * SIZE + x - 1] + sum[y * SIZE + x + 1]) / 3;
    };
    const [one, nought] = [inkAt(1), inkAt(0)];
    expect(one(14, 14)).toBeGreaterThan(2 * one(8, 14));
    expect(nought(14, 14)).toBeLessThan(0.7 * Math.max(nought(9, 14), nought(10, 14)));
    expect(nought(14, 14)).toBeLessThan(0.7 * Math.max(nought(18, 14), nought(19, 14)));
  });
});
