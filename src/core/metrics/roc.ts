/** Area under the ROC curve, as scikit-learn's `roc_auc_score` has it. */
import type { Collector, Seen } from './collector';

/**
 * @param scoreOf higher for what is more likely positive; the truth is 1 for positive samples, 0 for others
 * @param most false positive rate up to which the area is taken; below 1 it is standardised by McClish's formula, so that
 *   guessing has 0.5 and perfection 1
 */
export class RocCollector implements Collector {
  private readonly scores: number[] = [];
  private readonly truths: number[] = [];
  private order: Uint32Array | null = null;

  constructor(
    private readonly scoreOf: (seen: Seen) => number,
    private readonly most = 1,
  ) {}

  add(seen: Seen): void {
    this.order = null;
    this.scores.push(this.scoreOf(seen));
    this.truths.push((seen.truth as ArrayLike<number>)[0]);
  }

  value(weights?: ArrayLike<number>): number {
    const { scores, truths, most } = this;
    this.order ??= Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
    let [positives, negatives] = [0, 0];
    truths.forEach((truth, i) => {
      const weight = weights ? weights[i] : 1;
      if (truth === 1) positives += weight;
      else negatives += weight;
    });
    if (positives === 0 || negatives === 0) return NaN;
    const limit = most * negatives;
    let [hits, falses, area] = [0, 0, 0];
    for (let i = 0; i < this.order.length;) {
      // Equal scores are one step of the curve.
      let [more, wrong] = [0, 0];
      const score = scores[this.order[i]];
      for (; i < this.order.length && scores[this.order[i]] === score; i++) {
        const weight = weights ? weights[this.order[i]] : 1;
        if (truths[this.order[i]] === 1) more += weight;
        else wrong += weight;
      }
      const width = Math.min(wrong, limit - falses);
      if (width > 0) {
        const reached = hits + (more * width) / wrong;
        area += (width * (hits + reached)) / 2;
      }
      hits += more;
      falses += wrong;
      if (falses >= limit) break;
    }
    const partial = area / (positives * negatives);
    if (most >= 1) return partial;
    const least = most ** 2 / 2;
    return 0.5 * (1 + (partial - least) / (most - least));
  }
}
