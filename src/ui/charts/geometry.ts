/** Values and pixels of a histogram: the arithmetic, without any drawing. */
import type { Range } from '../../core/calibration/types';

/** The visible interval of values. lo < hi always. */
export interface View {
  readonly lo: number;
  readonly hi: number;
}

export function valueToPixel(view: View, width: number, value: number): number {
  return ((value - view.lo) / (view.hi - view.lo)) * width;
}

export function pixelToValue(view: View, width: number, pixel: number): number {
  return view.lo + (pixel / width) * (view.hi - view.lo);
}

/** The view that shows all of [min, max] and 0, with a margin to grab a handle in. */
export function fullView(min: number, max: number): View {
  const lo = Math.min(min, 0);
  const hi = Math.max(max, 0);
  const margin = 0.05 * (hi - lo) || 1;
  return { lo: lo - margin, hi: hi + margin };
}

/** Smallest part of the full view that can be zoomed to; below it bins have no resolution left. */
const DEEPEST = 1 / 2000;

/** Zooms by `factor` (< 1 is closer) about `anchor`, which keeps its pixel; never beyond `full`. */
export function zoom(view: View, anchor: number, factor: number, full: View): View {
  const whole = full.hi - full.lo;
  const span = Math.min(whole, Math.max(whole * DEEPEST, (view.hi - view.lo) * factor));
  const share = (anchor - view.lo) / (view.hi - view.lo);
  return within({ lo: anchor - share * span, hi: anchor + (1 - share) * span }, full);
}

/** The view moved as little as possible so that it lies within `full`. */
export function within(view: View, full: View): View {
  const span = Math.min(view.hi - view.lo, full.hi - full.lo);
  const lo = Math.min(Math.max(view.lo, full.lo), full.hi - span);
  return { lo, hi: lo + span };
}

/** Round values inside the view, about `count` of them, steps of 1, 2 or 5 times a power of ten. */
export function ticks(view: View, count: number): number[] {
  const rough = (view.hi - view.lo) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10);
  const first = Math.ceil(view.lo / step);
  const last = Math.floor(view.hi / step);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Digits that tell neighbouring ticks apart. */
export function tickText(value: number, ticksShown: readonly number[]): string {
  const step = ticksShown.length > 1 ? ticksShown[1] - ticksShown[0] : Math.abs(value) || 1;
  const size = Math.max(...ticksShown.map(Math.abs), step);
  if (size >= 1e5 || step < 1e-4) return value === 0 ? '0' : value.toExponential(1).replace(/-/g, '−');
  const digits = Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  return value.toFixed(digits).replace('-', '−');
}

/** How far one key press moves a handle. Shift is finer, Page keys are coarser; null for other keys. */
export function keyStep(key: string, shift: boolean, view: View): number | null {
  const step = (view.hi - view.lo) / 200;
  const direction: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -10,
    PageUp: 10,
  };
  const by = Object.hasOwn(direction, key) ? direction[key] : null;
  return by === null ? null : by * step * (shift ? 0.1 : 1);
}

export type Side = 'min' | 'max';

/** The range with one end moved: ends never cross, an asymmetric range keeps 0, a symmetric one mirrors. */
export function movedRange(range: Range, side: Side, value: number, symmetric: boolean): Range {
  if (symmetric) {
    const size = Math.max(side === 'min' ? -value : value, Number.MIN_VALUE);
    return { min: -size, max: size };
  }
  return side === 'min' ? { min: Math.min(0, value), max: range.max } : { min: range.min, max: Math.max(0, value) };
}
