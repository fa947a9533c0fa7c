/** Heights and outlines of histogram bars, as SVG path data: one path for all bars is a single thing to draw. */

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
export function stepPath(counts: ArrayLike<number>, scale: Scale, width: number, height: number): string {
  const n = counts.length;
  let path = `M0 ${height}`;
  for (let i = 0; i < n; i++) {
    const y = (height * (1 - Math.min(1, scale.height(counts[i]!)))).toFixed(1);
    path += `V${y}H${(((i + 1) * width) / n).toFixed(1)}`;
  }
  return `${path}V${height}Z`;
}

/** Thin separate bars, one a bin that holds anything: what a quantized distribution is when its levels lie apart. */
export function combPath(counts: ArrayLike<number>, scale: Scale, width: number, height: number): string {
  const n = counts.length;
  let path = '';
  for (let i = 0; i < n; i++) {
    if (counts[i]! <= 0) continue;
    const y = (height * (1 - Math.min(1, scale.height(counts[i]!)))).toFixed(1);
    path += `M${(((i + 0.5) * width) / n).toFixed(1)} ${height}V${y}`;
  }
  return path;
}
