import { describe, expect, it } from 'vitest';
import { curvePath, errorAxis } from './curve-path';

const curve = {
  clips: Float64Array.of(1, 2, 4),
  total: Float64Array.of(10, 0.1, 1),
  clipping: Float64Array.of(10, 0.05, 0),
  rounding: Float64Array.of(0, 0.05, 1),
  ticks: [],
};

describe('errorAxis', () => {
  const axis = errorAxis(curve, 90);

  it('has a pixel for each part of a decade, from a decade under the best to the worst', () => {
    // 10 … 0.01 are three decades on 90 pixels.
    expect(axis.y(10)).toBeCloseTo(0, 9);
    expect(axis.y(1)).toBeCloseTo(30, 9);
    expect(axis.y(0.1)).toBeCloseTo(60, 9);
    expect(axis).toMatchObject({ top: 10, best: 0.1 });
  });

  it('lays what is smaller, and nothing at all, on the ground', () => {
    expect(axis.y(1e-9)).toBe(90);
    expect(axis.y(0)).toBe(90);
  });

  it('stands on constant and on empty curves', () => {
    const flat = errorAxis({ ...curve, total: Float64Array.of(0, 0, 0) }, 90);
    expect(flat.y(0)).toBe(90);
    expect(Number.isFinite(flat.y(1))).toBe(true);
  });
});

describe('curvePath', () => {
  const axis = errorAxis(curve, 90);

  it('runs to both ends as far as there are values', () => {
    const view = { lo: -4, hi: 4 };
    const path = curvePath(curve.clips, curve.total, { min: -2, max: 4 }, axis, view, 80);
    expect(path).toBe('M50.0 0.0L60.0 60.0L80.0 30.0M30.0 0.0L20.0 60.0');
  });

  it('leaves out a side without values', () => {
    const path = curvePath(curve.clips, curve.total, { min: 0, max: 4 }, axis, { lo: 0, hi: 4 }, 40);
    expect(path).toBe('M10.0 0.0L20.0 60.0L40.0 30.0');
  });
});
