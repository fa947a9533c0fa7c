/** The one kind of axis of every chart: what it spans, where its ticks are, and how a value reads on it. */
import { ticks, tickText, type View } from './geometry';

export interface Axis extends View {
  /** What is measured, with its unit: "SQNR against float, dB". */
  readonly name: string;
  readonly ticks: readonly number[];
  /** A tick or a value of the axis in words, with the unit where the name does not say it. */
  readonly text: (value: number) => string;
  /** Equal ratios take equal lengths. */
  readonly logarithmic?: boolean;
  /** The lowest value is at the top. */
  readonly reversed?: boolean;
}

export interface AxisOptions {
  readonly name: string;
  /** About how many ticks there is room for. */
  readonly count: number;
  readonly text?: ((value: number) => string) | undefined;
  /** Beyond these no value can be, and no axis goes. */
  readonly limits?: readonly [low: number, high: number];
  /** Only whole numbers are ticks, as of epochs and samples. */
  readonly whole?: boolean;
}

/** Share of the span that is left free beyond the outermost value. */
const MARGIN = 0.08;

/** An axis that ends exactly at the two values. */
export function axisBetween(lo: number, hi: number, { name, count, text, whole = false }: AxisOptions): Axis {
  const end = hi > lo ? hi : lo + 1;
  const shown = ticks({ lo, hi: end }, count).filter((value) => !whole || Number.isInteger(value));
  return { name, lo, hi: end, ticks: shown, text: text ?? ((value) => tickText(value, shown)) };
}

/** An axis on which every finite value is inside, with a margin. */
export function axisAround(values: readonly number[], options: AxisOptions): Axis {
  const known = values.filter(Number.isFinite);
  const [low, high] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const margin = MARGIN * (high - low) || 0.05 * Math.abs(high) || 0.5;
  const [least, most] = options.limits ?? [-Infinity, Infinity];
  return axisBetween(Math.max(least, low - margin), Math.min(most, high + margin), options);
}

/** An axis for bars, which begin at 0: the margin is where they end. */
export function axisFromZero(values: readonly number[], options: AxisOptions): Axis {
  const known = values.filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const span = high - low || 1;
  const above = high > 0 || low === 0 ? MARGIN * span : 0;
  return axisBetween(low < 0 ? low - MARGIN * span : 0, high + above, options);
}
