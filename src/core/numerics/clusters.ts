/** Values of one dimension in so many groups that the squared distances to the groups' means are least: exact, not by chance. */

export interface Clusters {
  /** Means, rounded to whole numbers; fewer than asked for where there are fewer values. */
  readonly centers: Int8Array;
  /** Of each value, the position of its group's centre. */
  readonly members: Uint8Array;
}

const CODES = 256;

/**
 * k-means of 8-bit codes by dynamic programming over the sorted distinct codes (Wang & Song, "Ckmeans.1d.dp", 2011). The best
 * last cut moves right as values are added, so that each layer is found by halving.
 *
 * @param k at least 1
 */
export function clusterCodes(values: Int8Array, k: number): Clusters {
  const counts = new Float64Array(CODES);
  for (const value of values) counts[value + 128]++;
  const distinct = Array.from(counts.keys()).filter((code) => counts[code] > 0);
  const groups = Math.min(k, distinct.length);
  const { mean, cost } = intervals(distinct, counts);
  const cuts = bestCuts(distinct.length, groups, cost);

  const centers = new Int8Array(groups);
  const groupOf = new Uint8Array(CODES);
  for (let group = groups - 1, end = distinct.length; group >= 0; group--) {
    const begin = cuts[group][end];
    centers[group] = Math.round(mean(begin, end)) - 128;
    for (let i = begin; i < end; i++) groupOf[distinct[i]] = group;
    end = begin;
  }
  return { centers, members: Uint8Array.from(values, (value) => groupOf[value + 128]) };
}

/** Mean of the distinct codes from begin to before end, and what rounding all of them to it costs. */
function intervals(distinct: readonly number[], counts: Float64Array) {
  const sums = [0, 1, 2].map((power) => {
    const prefix = new Float64Array(distinct.length + 1);
    distinct.forEach((code, i) => (prefix[i + 1] = prefix[i] + counts[code] * code ** power));
    return (begin: number, end: number) => prefix[end] - prefix[begin];
  }) as [Sum, Sum, Sum];
  const [weight, first, second] = sums;
  return {
    mean: (begin: number, end: number) => first(begin, end) / weight(begin, end),
    cost: (begin: number, end: number) =>
      begin === end ? 0 : second(begin, end) - first(begin, end) ** 2 / weight(begin, end),
  };
}

type Sum = (begin: number, end: number) => number;

/** For each group and each number of values, where the last group begins. */
function bestCuts(length: number, groups: number, cost: Sum): Int32Array[] {
  let before = Float64Array.from({ length: length + 1 }, (_, end) => cost(0, end));
  const cuts = [new Int32Array(length + 1)];
  for (let group = 1; group < groups; group++) {
    const least = new Float64Array(length + 1);
    const cut = new Int32Array(length + 1);
    const halve = (from: number, to: number, low: number, high: number): void => {
      if (from > to) return;
      const end = (from + to) >> 1;
      least[end] = Infinity;
      for (let begin = low; begin <= Math.min(high, end); begin++) {
        const total = before[begin] + cost(begin, end);
        if (total < least[end]) [least[end], cut[end]] = [total, begin];
      }
      halve(from, end - 1, low, cut[end]);
      halve(end + 1, to, cut[end], high);
    };
    halve(0, length, 0, length);
    cuts.push(cut);
    before = least;
  }
  return cuts;
}
