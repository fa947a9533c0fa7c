import { describe, expect, it } from 'vitest';
import { paretoAxes, qualityTick, type Frame } from './axes';

const FRAME: Frame = { width: 500, height: 260, left: 50, right: 10, top: 10, bottom: 30 };

describe('paretoAxes', () => {
  it('is linear where costs are alike, with cheap ones left and good ones above', () => {
    const { x, y, xTicks } = paretoAxes([100, 150, 200], [0.6, 0.9], FRAME);
    expect(x(150) - x(100)).toBeCloseTo(x(200) - x(150), 9);
    expect(x(100)).toBeGreaterThan(FRAME.left);
    expect(x(200)).toBeLessThan(FRAME.width - FRAME.right);
    expect(y(0.9)).toBeLessThan(y(0.6));
    expect(xTicks).toEqual([100, 150, 200]);
  });

  it('is logarithmic where they differ by more than 2.5 times', () => {
    const { x, xTicks } = paretoAxes([50_000, 400_000], [1, 2], FRAME);
    expect(x(100_000) - x(50_000)).toBeCloseTo(x(400_000) - x(200_000), 9);
    expect(xTicks).toEqual([50_000, 100_000, 200_000]);
  });

  it('turns round where lower is better, and keeps what is exact at the edge', () => {
    const { y } = paretoAxes([1, 2], [0.1, 0.4], FRAME, true);
    expect(y(0.1)).toBeLessThan(y(0.4));
    expect(paretoAxes([1, 2], [10, 30, Infinity], FRAME).y(Infinity)).toBe(FRAME.top);
  });

  it('puts a single point in the middle', () => {
    const { x, y } = paretoAxes([64], [0.5], FRAME);
    expect(x(64)).toBeCloseTo(FRAME.left + (FRAME.width - FRAME.left - FRAME.right) / 2, 6);
    expect(y(0.5)).toBeCloseTo(FRAME.top + (FRAME.height - FRAME.top - FRAME.bottom) / 2, 6);
  });
});

describe('qualityTick', () => {
  it('has the digits that tell neighbours apart', () => {
    const close = [0.976, 0.978, 0.98];
    expect(close.map((value) => qualityTick(value, close, true))).toEqual(['97.6 %', '97.8 %', '98.0 %']);
    expect(qualityTick(0.5, [0, 0.5, 1], true)).toBe('50 %');
    expect(qualityTick(12, [12, 14], false)).toBe('12');
  });
});
