/** What nothing else beats: of everything measured, the points with no cheaper one that is as good. */

export interface Measured {
  readonly cost: number;
  /** Larger is better. */
  readonly quality: number;
  /** Decides between points of equal cost and quality: larger is better. */
  readonly tieBreak: number;
}

/** Whether `a` makes `b` pointless: no worse in cost and quality, and better in one; of equals, by the tie-break. */
export function dominates(a: Measured, b: Measured): boolean {
  if (a.cost > b.cost || a.quality < b.quality) return false;
  return a.cost < b.cost || a.quality > b.quality || a.tieBreak > b.tieBreak;
}

export class ParetoFront<T extends Measured> {
  private sorted: readonly T[] = [];

  /** Ascending in cost, and therefore in quality. */
  get points(): readonly T[] {
    return this.sorted;
  }

  /** Whether the point is on the front now; what it dominates leaves. Of points that are equal in all, the first stays. */
  add(point: T): boolean {
    const asGood = (other: T) => other.cost === point.cost && other.quality === point.quality;
    if (this.sorted.some((other) => dominates(other, point) || (asGood(other) && !dominates(point, other))))
      return false;
    this.sorted = [...this.sorted.filter((other) => !dominates(point, other)), point].sort((a, b) => a.cost - b.cost);
    return true;
  }
}

/** Which of a front's points a person asked for: the best that costs no more, or the cheapest that is as good. */
export type Budget =
  { readonly kind: 'cost'; readonly most: number } | { readonly kind: 'quality'; readonly least: number };

/** Null where none is within the budget. @param points of a front, ascending */
export function bestWithin<T extends Measured>(points: readonly T[], budget: Budget): T | null {
  if (budget.kind === 'cost') return points.findLast(({ cost }) => cost <= budget.most) ?? null;
  return points.find(({ quality }) => quality >= budget.least) ?? null;
}
