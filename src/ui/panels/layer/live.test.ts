import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Observer } from '../../../core/calibration/observer';
import { INT8_WEIGHT } from '../../../core/number-formats/format';
import { formatOf } from '../../../core/number-formats/table';
import type { TensorStats } from '../../../core/calibration/types';
import { combPath, countScale, stepPath } from '../../charts/bars';
import { channelRanges, codeHistogram, liveFigures, partOf, quantizedCounts } from './live';

function statsOf(values: readonly number[]): TensorStats {
  const observer = new Observer();
  observer.observe(Float32Array.from(values));
  return observer.stats();
}

const normal = (n: number, size: number) =>
  Array.from({ length: n }, (_, i) => size * Math.sin(i * 12.9898) * Math.cos(i * 4.1414));

describe('channelRanges', () => {
  const channels = [statsOf([-1, 2]), statsOf([-4, 0.5]), statsOf([0.25, 0.5])];
  const planned = [
    { min: -1.5, max: 1.5 },
    { min: -2, max: 2 },
    { min: -0.1, max: 0.1 },
  ];
  const draft = (channel: number | null, max: number) => ({ tensor: 't', channel, range: { min: -max, max } });

  it('are the planned ones while nothing is set', () => {
    expect(channelRanges(channels, planned, undefined, null)).toEqual(planned);
    expect(channelRanges(channels, [planned[0]], undefined, null)[2]).toEqual(planned[0]);
  });

  it('are capped extents, 0 included, under a range for the tensor, as the plan will have it', () => {
    const expected = [
      { min: -1, max: 1 },
      { min: -1, max: 0.5 },
      { min: 0, max: 0.5 },
    ];
    expect(channelRanges(channels, planned, { range: { min: -1, max: 1 } }, null)).toEqual(expected);
    expect(channelRanges(channels, planned, { range: { min: -9, max: 9 } }, draft(null, 1))).toEqual(expected);
  });

  it("put a channel's own range first, and what is dragged before that", () => {
    const override = { range: { min: -1, max: 1 }, channels: { 1: { min: -3, max: 3 } } };
    expect(channelRanges(channels, planned, override, null)[1]).toEqual({ min: -3, max: 3 });
    expect(channelRanges(channels, planned, override, draft(1, 2.5))[1]).toEqual({ min: -2.5, max: 2.5 });
    expect(channelRanges(channels, planned, override, draft(1, 2.5))[0]).toEqual({ min: -1, max: 1 });
  });
});

describe('liveFigures', () => {
  it('agree with quantizing every value, for channels together', () => {
    const sizes = [1, 3, 0.2];
    const values = sizes.map((size) => normal(4000, size));
    const parts = values.map((v, c) => partOf(statsOf(v), { min: -0.8 * sizes[c], max: 0.8 * sizes[c] }, INT8_WEIGHT));
    const figures = liveFigures(parts)!;
    let [clipped, clipping, rounding, signal, count] = [0, 0, 0, 0, 0];
    values.forEach((list, c) => {
      const { scale } = parts[c];
      for (const x of list.map(Math.fround)) {
        const q = Math.max(-127, Math.min(127, Math.round(x / scale)));
        const error = (x - q * scale) ** 2;
        const outside = Math.abs(x) > 127.5 * scale;
        if (outside) clipped++;
        if (outside) clipping += error;
        else rounding += error;
        signal += x * x;
        count++;
      }
    });
    expect(figures.clippedShare).toBeCloseTo(clipped / count, 3);
    expect(figures.clippingRmse / Math.sqrt(clipping / count)).toBeCloseTo(1, 2);
    expect(figures.roundingRmse / Math.sqrt(rounding / count)).toBeCloseTo(1, 1);
    expect(figures.sqnrDb).toBeCloseTo(10 * Math.log10(signal / (clipping + rounding)), 1);
  });

  it('are absent before there is a plan', () => expect(liveFigures([])).toBeNull());
});

describe('the quantized overlay', () => {
  const counted = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);

  it('keeps every value, of a few parts and of many', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const part = partOf(statsOf(values), { min: -1, max: 1 }, INT8_WEIGHT);
          expect(counted(codeHistogram(part)!.counts)).toBeCloseTo(values.length, 6);
          for (const copies of [2, 100]) {
            const counts = quantizedCounts(Array(copies).fill(part), { lo: -1.01, hi: 1.01 }, 37);
            expect(counted(counts)).toBeCloseTo(copies * values.length, 6);
          }
        },
      ),
    );
  });

  it('puts clipped values on the outermost codes', () => {
    const codes = codeHistogram(partOf(statsOf([5, 5, 5, -5]), { min: -1, max: 1 }, INT8_WEIGHT))!;
    expect(codes.counts.at(-1)).toBe(3);
    expect(codes.counts[0]).toBe(1);
    expect(codes.lo).toBeCloseTo(-127.5 / 127, 6);
  });
});

describe('bars', () => {
  it('fill the plot and stand on its ground', () => {
    const scale = countScale([1, 4, 2], false);
    expect(stepPath([1, 4, 2], scale, { width: 30, height: 100 })).toBe('M0 100V75.0H10.0V0.0H20.0V50.0H30.0V100Z');
  });

  it('cut off one bar that dwarfs all others, and say so; a logarithm needs no cut', () => {
    const counts = [...Array(99).fill(10), 5000];
    expect(countScale(counts, false).cut).toBe(true);
    expect(countScale(counts, false).height(10)).toBeGreaterThan(0.5);
    const log = countScale(counts, true);
    expect(log.cut).toBe(false);
    expect(log.height(5000)).toBeCloseTo(1, 9);
    expect(log.height(0)).toBe(0);
  });

  it('stand at the codes with heights that compare to bins', () => {
    // Two codes 10 bins wide each: a density of 5 values a bin is as high as a bin of 5.
    const codes = { lo: 0, width: 50, counts: Float64Array.of(50, 0) };
    const scale = countScale([10, 10, 10, 10], false);
    expect(combPath(codes, scale, { lo: 0, hi: 100 }, 20, { width: 200, height: 100 })).toBe('M50.0 100V50.0');
  });
});

describe('grids other than int8', () => {
  const stats = statsOf(Array.from({ length: 4000 }, (_, i) => Math.sin(i) ** 3));
  const view = { lo: -2, hi: 2 };
  const grid = (id: string) => formatOf(id)!.weights as typeof INT8_WEIGHT;
  const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);

  it.each(['int4', 'fp8-e4m3fn', 'fp16', 'int16'])('keep every value in view (%s)', (id) => {
    const counts = quantizedCounts([partOf(stats, { min: -1, max: 1 }, grid(id))], view, 50);
    expect(sum(counts)).toBeCloseTo(4000, 3);
  });

  it('spread a float value over the space to its neighbours, which is wider far from zero', () => {
    // FP8 E2M1 at scale 1/6: 0, 1/12, 1/6, 1/4, 1/3, 1/2, 2/3, 1 and their negatives.
    const part = partOf(stats, { min: -1, max: 1 }, grid('fp4-e2m1'));
    expect(codeHistogram(part)).toBeNull();
    const counts = quantizedCounts([part], { lo: 5 / 6, hi: 7 / 6 }, 4);
    const atOne = Array.from({ length: 4000 }, (_, i) => Math.sin(i) ** 3).filter((v) => v > 5 / 6).length;
    expect(sum(counts)).toBeGreaterThan(0.95 * atOne);
    expect(sum(counts)).toBeLessThan(1.05 * atOne);
    expect(counts[0]).toBeCloseTo(counts[3], 3);
  });

  it('show the clipping of grids too fine to see', () => {
    const part = partOf(stats, { min: -0.5, max: 0.5 }, grid('int16'));
    const counts = quantizedCounts([part], view, 40);
    const inside = counts.slice(14, 26);
    expect(sum(inside)).toBeCloseTo(4000, 3);
  });
});
