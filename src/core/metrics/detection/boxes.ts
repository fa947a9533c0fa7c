import type { Box } from '../collector';

/** A box that a model found. */
export interface Detection extends Box {
  /** 0 … 1 */
  readonly score: number;
}

function overlapArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union; with a crowd, which has no end of its own, over the found box alone, as COCO has it. */
export function overlap(found: Box, marked: Box, crowd = false): number {
  const shared = overlapArea(found, marked);
  const own = found.width * found.height;
  const union = crowd ? own : own + marked.width * marked.height - shared;
  return union > 0 ? shared / union : 0;
}

/** The most certain boxes of each category, none of which covers `most` of another. @returns most certain first */
export function suppressed(found: readonly Detection[], most: number, limit = 300): Detection[] {
  const kept: Detection[] = [];
  for (const box of [...found].sort((a, b) => b.score - a.score)) {
    if (kept.length >= limit) break;
    if (kept.every((other) => other.category !== box.category || overlap(box, other) <= most)) kept.push(box);
  }
  return kept;
}
