import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullView, keyStep, movedRange, pixelToValue, ticks, tickText, valueToPixel, within, zoom } from './geometry';

const view = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
  .map(([lo, span]) => ({ lo, hi: lo + span }));

describe('value ↔ pixel', () => {
  it('maps the ends of the view to the ends of the plot', () => {
    expect(valueToPixel({ lo: -2, hi: 6 }, 400, -2)).toBe(0);
    expect(valueToPixel({ lo: -2, hi: 6 }, 400, 6)).toBe(400);
    expect(valueToPixel({ lo: -2, hi: 6 }, 400, 0)).toBe(100);
  });

  it('is its own inverse', () => {
    fc.assert(
      fc.property(
        view,
        fc.integer({ min: 50, max: 4000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (v, width, share) => {
          const pixel = share * width;
          expect(valueToPixel(v, width, pixelToValue(v, width, pixel))).toBeCloseTo(pixel, 3);
        },
      ),
    );
  });
});

describe('zoom', () => {
  it('keeps the value under the pointer where it is while there is room', () => {
    const full = { lo: 0, hi: 100 };
    const closer = zoom(full, 30, 0.5, full);
    expect(closer).toEqual({ lo: 15, hi: 65 });
    expect(valueToPixel(closer, 200, 30)).toBeCloseTo(valueToPixel(full, 200, 30), 9);
  });

  it('never leaves the full view and never collapses', () => {
    fc.assert(
      fc.property(
        view,
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.2, max: 5, noNaN: true })), {
          maxLength: 30,
        }),
        (full, steps) => {
          let v = full;
          for (const [at, factor] of steps) v = zoom(v, v.lo + at * (v.hi - v.lo), factor, full);
          const slack = 1e-9 * (Math.abs(full.lo) + Math.abs(full.hi));
          expect(v.lo).toBeGreaterThanOrEqual(full.lo - slack);
          expect(v.hi).toBeLessThanOrEqual(full.hi + slack);
          expect(v.hi).toBeGreaterThan(v.lo);
        },
      ),
    );
  });

  it('moves a view inside by its length only', () => {
    expect(within({ lo: -5, hi: 5 }, { lo: 0, hi: 100 })).toEqual({ lo: 0, hi: 10 });
    expect(within({ lo: 95, hi: 105 }, { lo: 0, hi: 100 })).toEqual({ lo: 90, hi: 100 });
  });
});

describe('fullView', () => {
  it('shows 0 and leaves a margin for the handles', () => {
    expect(fullView(2, 10)).toEqual({ lo: -0.5, hi: 10.5 });
    const empty = fullView(0, 0);
    expect(empty.hi).toBeGreaterThan(empty.lo);
  });
});

describe('ticks', () => {
  it('are round, inside and told apart by their text', () => {
    expect(ticks({ lo: -0.13, hi: 0.94 }, 5)).toEqual([0, 0.5]);
    expect(ticks({ lo: -0.13, hi: 0.94 }, 6)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    fc.assert(
      fc.property(view, fc.integer({ min: 2, max: 12 }), (v, count) => {
        const slack = 1e-9 * (v.hi - v.lo + Math.abs(v.lo));
        const values = ticks(v, count);
        for (const value of values) {
          expect(value).toBeGreaterThanOrEqual(v.lo - slack);
          expect(value).toBeLessThanOrEqual(v.hi + slack);
        }
        expect(values.length).toBeLessThanOrEqual(2.5 * count + 1);
      }),
    );
    const shown = ticks({ lo: 0, hi: 0.013 }, 5);
    expect(new Set(shown.map((value) => tickText(value, shown))).size).toBe(shown.length);
  });
});

describe('keyStep', () => {
  const v = { lo: 0, hi: 200 };
  it.each([
    ['ArrowRight', false, 1],
    ['ArrowLeft', false, -1],
    ['ArrowUp', true, 0.1],
    ['PageDown', false, -10],
    ['PageUp', true, 1],
    ['a', false, null],
    ['toString', false, null],
  ] as const)('%s with shift %s moves by %s', (key, shift, by) => expect(keyStep(key, shift, v)).toBe(by));
});

describe('movedRange', () => {
  it('mirrors a symmetric range and keeps 0 inside an asymmetric one', () => {
    expect(movedRange({ min: -2, max: 2 }, 'min', -1, true)).toEqual({ min: -1, max: 1 });
    expect(movedRange({ min: -2, max: 2 }, 'max', 1.5, true)).toEqual({ min: -1.5, max: 1.5 });
    expect(movedRange({ min: -2, max: 2 }, 'min', 1, false)).toEqual({ min: 0, max: 2 });
    expect(movedRange({ min: -2, max: 2 }, 'max', -1, false)).toEqual({ min: -2, max: 0 });
  });

  it('never collapses or crosses', () => {
    const range = movedRange({ min: -2, max: 2 }, 'max', -1, true);
    expect(range.max).toBeGreaterThan(0);
  });
});
