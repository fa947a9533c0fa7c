/** Intervals of what collectors keep: from counts where the figure is a share of samples, else from draws of the samples. */
import type { Collector } from './collector';
import { pairedShares, percentiles, resamples, wilson, type Difference, type Interval } from './interval';

/** Of a figure of `samples` samples; undefined where the figure is not finite, as the decibels of what is exact are not. */
export function intervalOf(collector: Collector, samples: number): Interval | undefined {
  if (collector.hits) return wilson(collector.hits.reduce((a, b) => a + b, 0), collector.hits.length); // prettier-ignore
  if (!Number.isFinite(collector.value())) return undefined;
  return percentiles(drawn(samples, (weights) => collector.value(weights)));
}

/** One figure minus another of the same samples. */
export function differenceOf(mine: Collector, other: Collector, samples: number): Difference {
  if (mine.hits && other.hits) {
    let [lost, won] = [0, 0];
    mine.hits.forEach((hit, i) => {
      if (hit < other.hits![i]) lost++;
      else if (hit > other.hits![i]) won++;
    });
    return pairedShares(lost, won, mine.hits.length);
  }
  const value = mine.value() - other.value();
  const ends = percentiles(drawn(samples, (weights) => mine.value(weights) - other.value(weights)));
  return { value, ...ends, n: samples, method: 'bootstrap' };
}

function drawn(n: number, figure: (weights: Uint32Array) => number): number[] {
  const values: number[] = [];
  for (const weights of resamples(n)) values.push(figure(weights));
  return values;
}
