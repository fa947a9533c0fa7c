/** Where points of a Pareto front lie: costs on a logarithmic axis where they differ much, qualities on a linear one. */
import { ticks, tickText } from '../../charts/geometry';

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Axes {
  readonly x: (cost: number) => number;
  readonly y: (quality: number) => number;
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
}

/** From here on, equal ratios are told apart better than equal differences. */
const WIDE = 2.5;
const MARGIN = 0.06;

/** @param lowerIsBetter of the qualities: the better ones lie above */
export function paretoAxes(
  costs: readonly number[],
  qualities: readonly number[],
  { width, height, left, right, top, bottom }: Frame,
  lowerIsBetter = false,
): Axes {
  const [cheapest, dearest] = [Math.min(...costs), Math.max(...costs)];
  const logarithmic = cheapest > 0 && dearest / cheapest > WIDE;
  const map = logarithmic ? Math.log : (value: number) => value;
  const horizontal = padded(map(cheapest), map(dearest));
  const finite = qualities.filter(Number.isFinite);
  const vertical = padded(Math.min(...finite, Infinity), Math.max(...finite, -Infinity));
  const x = (cost: number) =>
    left + ((map(cost) - horizontal.lo) / (horizontal.hi - horizontal.lo)) * (width - left - right);
  const y = (quality: number) => {
    const share = Math.min(1, Math.max(0, (quality - vertical.lo) / (vertical.hi - vertical.lo)));
    return top + (height - top - bottom) * (lowerIsBetter ? share : 1 - share);
  };
  const count = Math.max(2, Math.floor((width - left - right) / 90));
  const xTicks = logarithmic
    ? decades(Math.exp(horizontal.lo), Math.exp(horizontal.hi), count)
    : ticks(horizontal, count);
  return { x, y, xTicks, yTicks: ticks(vertical, Math.max(2, Math.floor((height - top - bottom) / 45))) };
}

/** With room at both ends; one value stands in the middle. */
function padded(lo: number, hi: number): { lo: number; hi: number } {
  if (!(hi >= lo)) return { lo: 0, hi: 1 };
  const margin = (hi - lo) * MARGIN || Math.abs(hi) * MARGIN || 1;
  return { lo: lo - margin, hi: hi + margin };
}

/** Values of 1, 2 and 5 times powers of ten, or finer where there would be fewer than two, at most about `count`. */
function decades(lo: number, hi: number, count: number): number[] {
  for (const multiples of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]]) {
    const values: number[] = [];
    for (let power = Math.floor(Math.log10(lo)); power <= Math.log10(hi); power++)
      for (const multiple of multiples) {
        const value = Number((multiple * 10 ** power).toPrecision(6));
        if (value >= lo && value <= hi) values.push(value);
      }
    if (values.length >= Math.min(3, count)) return values;
  }
  return ticks({ lo, hi }, count);
}

/** Scores close to each other need decimals to be told apart. @param isShare shown in per cent */
export function qualityTick(value: number, all: readonly number[], isShare: boolean): string {
  if (!isShare) return tickText(value, all);
  return `${tickText(
    100 * value,
    all.map((each) => 100 * each),
  )} %`;
}
