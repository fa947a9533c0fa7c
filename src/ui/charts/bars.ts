/** Heights and outlines of histogram bars, as SVG path data: one path for all bars is a single thing to draw. */

import type { Histogram } from '../../core/calibration/types';
import { valueToPixel, type View } from './geometry';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Scale {
  /** Height of `count`, 0..1; more than 1 is cut off at the top. */
  readonly height: (count: number) => number;
  /** Bars taller than the plot. */
  readonly cut: boolean;
}

/**
 * A linear axis is dominated by the spike a ReLU leaves at zero, or by the codes a clipped tail piles up on: where the
 * tallest bar is far above all others, the axis ends above the others and the tall one is shown as cut.
 */
export function countScale(counts: ArrayLike<number>, log: boolean): Scale {
  const seen = Array.from(counts)
    .filter((c) => c > 0)
    .sort((a, b) => a - b);
  const tallest = seen.at(-1) ?? 1;
  if (log) {
    const top = Math.log10(1 + tallest);
    return { height: (count) => Math.log10(1 + count) / top, cut: false };
  }
  const usual = seen[Math.floor(0.97 * (seen.length - 1))] ?? 1;
  const cut = tallest > 3 * usual;
  const top = cut ? 1.25 * usual : tallest;
  return { height: (count) => count / top, cut };
}

/** Filled steps over the whole width; empty bins fall to the ground line. */
export function stepPath(counts: ArrayLike<number>, scale: Scale, { width, height }: Size): string {
  const n = counts.length;
  let path = `M0 ${height}`;
  for (let i = 0; i < n; i++) {
    const y = (height * (1 - Math.min(1, scale.height(counts[i])))).toFixed(1);
    path += `V${y}H${(((i + 1) * width) / n).toFixed(1)}`;
  }
  return `${path}V${height}Z`;
}

/**
 * One thin bar a code, at the value the code stands for. Heights are densities, so that they compare with the float bars:
 * a code wider than a bin holds more, and is drawn as high as a bin of its density.
 */
export function combPath(codes: Histogram, scale: Scale, view: View, bins: number, size: Size): string {
  const { lo, width: step, counts } = codes;
  const binWidth = (view.hi - view.lo) / bins;
  let path = '';
  for (let i = 0; i < counts.length; i++) {
    const x = valueToPixel(view, size.width, lo + (i + 0.5) * step);
    if (counts[i] <= 0 || x < 0 || x > size.width) continue;
    const height = Math.min(1, scale.height((counts[i] * binWidth) / step));
    path += `M${x.toFixed(1)} ${size.height}V${(size.height * (1 - height)).toFixed(1)}`;
  }
  return path;
}
