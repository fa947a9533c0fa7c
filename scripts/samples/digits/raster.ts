import type { Stroke } from './glyphs';

/** A square image of floats. */
export class Canvas {
  readonly values: Float32Array;

  constructor(readonly size: number) {
    this.values = new Float32Array(size * size);
  }

  fill(value: (x: number, y: number) => number): void {
    for (let y = 0, i = 0; y < this.size; y++) for (let x = 0; x < this.size; x++, i++) this.values[i] = value(x, y);
  }

  /** Mixes `value` in wherever `coverage`, an image of the same size, says, times `opacity`. */
  paint(coverage: Float32Array, value: number, opacity = 1): void {
    const { values } = this;
    for (let i = 0; i < values.length; i++) values[i] += coverage[i] * opacity * (value - values[i]);
  }
}

/**
 * Share of each pixel that strokes with round ends cover: one inside, falling to zero over a pixel's width at the edge.
 * @param strokes points in pixels; pixel (i, j) has its centre at (i, j)
 * @param radius half the width of the stroke at a point of it, `along` 0 … 1 from its start to its end
 */
export function coverage(size: number, strokes: readonly Stroke[], radius: (along: number) => number): Float32Array {
  const covered = new Float32Array(size * size);
  for (const stroke of strokes)
    for (let i = 1; i < stroke.length; i++) {
      const [[ax, ay], [bx, by]] = [stroke[i - 1], stroke[i]];
      const r = radius(i / (stroke.length - 1));
      const [dx, dy] = [bx - ax, by - ay];
      const lengthSquared = Math.max(1e-12, dx * dx + dy * dy);
      const [left, right] = within(size, Math.min(ax, bx) - r - 1, Math.max(ax, bx) + r + 1);
      const [top, bottom] = within(size, Math.min(ay, by) - r - 1, Math.max(ay, by) + r + 1);
      for (let y = top; y <= bottom; y++)
        for (let x = left; x <= right; x++) {
          const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / lengthSquared));
          const distance = Math.hypot(x - ax - t * dx, y - ay - t * dy);
          const share = Math.min(1, Math.max(0, r + 0.5 - distance));
          const at = y * size + x;
          if (share > covered[at]) covered[at] = share;
        }
    }
  return covered;
}

/** Indices of the pixels between two coordinates. */
function within(size: number, low: number, high: number): [number, number] {
  return [Math.max(0, Math.ceil(low)), Math.min(size - 1, Math.floor(high))];
}
