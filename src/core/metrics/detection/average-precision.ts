/** COCO's mean average precision, as pycocotools computes it over boxes of all areas with 100 detections an image. */
import type { Collector, MarkedBox, Seen } from '../collector';
import { overlap, type Detection } from './boxes';

export const COCO_OVERLAPS = Array.from({ length: 10 }, (_, i) => 0.5 + 0.05 * i);
const MOST_DETECTIONS = 100;
const RECALLS = 101;

enum Match {
  Wrong,
  Right,
  Ignored,
}

/** One detection of one category: how certain, in which image, and what it is at each overlap. */
interface Entry {
  readonly score: number;
  readonly image: number;
  readonly matches: readonly Match[];
}

class Category {
  readonly entries: Entry[] = [];
  /** Boxes to be found, image by image. */
  readonly marked = new Map<number, number>();
  private sorted: Entry[] | null = null;

  /** Most certain first, of equals those of earlier images. */
  get ranked(): readonly Entry[] {
    if (this.sorted?.length !== this.entries.length) this.sorted = [...this.entries].sort((a, b) => b.score - a.score);
    return this.sorted;
  }
}

export class AveragePrecisionCollector implements Collector {
  private readonly categories = new Map<number, Category>();
  private images = 0;

  /** @param detect what a row of outputs says */
  constructor(
    private readonly detect: (values: Float32Array) => readonly Detection[],
    private readonly overlaps: readonly number[] = COCO_OVERLAPS,
  ) {}

  add({ values, truth }: Seen): void {
    const image = this.images++;
    const found = this.detect(values);
    const marked = truth as readonly MarkedBox[];
    for (const id of new Set([...found, ...marked].map(({ category }) => category)))
      this.addCategory(id, image, found.filter(ofCategory(id)), marked.filter(ofCategory(id)));
  }

  private addCategory(id: number, image: number, found: readonly Detection[], marked: readonly MarkedBox[]): void {
    let category = this.categories.get(id);
    if (!category) this.categories.set(id, (category = new Category()));
    const ranked = [...found].sort((a, b) => b.score - a.score).slice(0, MOST_DETECTIONS);
    const crowdsLast = [...marked].sort((a, b) => Number(a.crowd ?? false) - Number(b.crowd ?? false));
    const rows = this.overlaps.map((least) => matchesOf(ranked, crowdsLast, least));
    ranked.forEach(({ score }, i) => category.entries.push({ score, image, matches: rows.map((row) => row[i]) }));
    category.marked.set(image, marked.filter(({ crowd }) => !crowd).length);
  }

  value(weights?: ArrayLike<number>): number {
    const weightOf = (image: number) => (weights ? weights[image] : 1);
    let [total, counted] = [0, 0];
    for (const category of this.categories.values()) {
      let marked = 0;
      for (const [image, boxes] of category.marked) marked += weightOf(image) * boxes;
      if (marked === 0) continue;
      for (let t = 0; t < this.overlaps.length; t++) {
        total += averagePrecision(category.ranked, t, marked, weightOf);
        counted++;
      }
    }
    return counted === 0 ? NaN : total / counted;
  }
}

const ofCategory = (id: number) => (box: { readonly category: number }) => box.category === id;

/** The most certain detections choose first; each takes the box it covers best, a crowd only where nothing else is left. */
function matchesOf(found: readonly Detection[], marked: readonly MarkedBox[], least: number): Match[] {
  const taken = new Set<number>();
  return found.map((box) => {
    let best = -1;
    let most = Math.min(least, 1 - 1e-10);
    for (const [i, other] of marked.entries()) {
      if (taken.has(i) && !other.crowd) continue;
      if (best >= 0 && !marked[best].crowd && other.crowd) break;
      const shared = overlap(box, other, other.crowd);
      if (shared < most) continue;
      most = shared;
      best = i;
    }
    if (best < 0) return Match.Wrong;
    taken.add(best);
    return marked[best].crowd ? Match.Ignored : Match.Right;
  });
}

/** Mean over 101 recalls of the best precision at that recall or beyond. */
function averagePrecision(
  ranked: readonly Entry[],
  threshold: number,
  marked: number,
  weightOf: (image: number) => number,
): number {
  const recalls: number[] = [];
  const precisions: number[] = [];
  let [right, wrong] = [0, 0];
  for (const { image, matches } of ranked) {
    const match = matches[threshold];
    if (match === Match.Ignored) continue;
    const weight = weightOf(image);
    if (weight === 0) continue;
    if (match === Match.Right) right += weight;
    else wrong += weight;
    recalls.push(right / marked);
    precisions.push(right / (right + wrong));
  }
  for (let i = precisions.length - 2; i >= 0; i--) precisions[i] = Math.max(precisions[i], precisions[i + 1]);
  let sum = 0;
  for (let r = 0, at = 0; r < RECALLS; r++) {
    while (at < recalls.length && recalls[at] < r / (RECALLS - 1)) at++;
    sum += precisions[at] ?? 0;
  }
  return sum / RECALLS;
}
