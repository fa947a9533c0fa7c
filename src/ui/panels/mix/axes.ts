/** The axes of a Pareto front: costs on a logarithmic one where they differ much, qualities on a linear one. */
import { axisAround, axisBetween, type Axis, type AxisOptions } from '../../charts/axis';
import { ticks, tickText } from '../../charts/geometry';

/** From here on, equal ratios are told apart better than equal differences. */
const WIDE = 2.5;
const MARGIN = 0.06;

export function costAxis(costs: readonly number[], options: AxisOptions): Axis {
  const [cheapest, dearest] = [Math.min(...costs), Math.max(...costs)];
  if (!(cheapest > 0 && dearest / cheapest > WIDE)) return axisAround(costs, options);
  const margin = (dearest / cheapest) ** MARGIN;
  const [lo, hi] = [cheapest / margin, dearest * margin];
  return { ...axisBetween(lo, hi, options), ticks: decades(lo, hi, options.count), logarithmic: true };
}

/** @param lowerIsBetter the better ones lie above */
export function qualityAxis(qualities: readonly number[], options: AxisOptions, lowerIsBetter = false): Axis {
  return { ...axisAround(qualities, options), reversed: lowerIsBetter };
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
