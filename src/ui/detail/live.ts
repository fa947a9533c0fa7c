/** What a drag shows, computed in the page from histograms alone: figures and the quantized overlay. */
import { chooseQuantParams, quantize, dequantize, type AffineParams } from '../../core/numerics/affine';
import { codeRange, INT8_ACTIVATION, INT8_WEIGHT, type NumberFormat } from '../../core/numerics/format';
import { clipFigures } from '../../core/quantize/clip-figures';
import type { Range, TensorStats } from '../../core/ranges/types';
import type { View } from './geometry';

/** One thing that is quantized as a whole: a tensor, or a channel of it. */
export interface Distribution {
  readonly stats: TensorStats;
  /** The range it has by the plan; null before there is one. */
  readonly planned: Range | null;
}

/** The same with the range it would have now, and the grid that follows. */
export interface Part extends AffineParams {
  readonly stats: TensorStats;
  readonly range: Range;
  readonly format: NumberFormat;
}

export interface LiveFigures extends AffineParams {
  readonly clippedShare: number;
  readonly clippingRmse: number;
  readonly roundingRmse: number;
  readonly sqnrDb: number;
}

/**
 * Each distribution with the range that the handles at `range` give it. A single one takes it as it is; channels keep
 * their own, capped by it, as the plan would do it.
 */
export function liveParts(
  distributions: readonly Distribution[],
  range: Range | null,
  kind: 'activations' | 'weights',
): Part[] {
  const format = kind === 'weights' ? INT8_WEIGHT : INT8_ACTIVATION;
  return distributions.flatMap(({ stats, planned }) => {
    const own = distributions.length === 1 ? (range ?? planned) : planned && range ? capped(planned, range) : planned;
    return own ? [{ stats, range: own, format, ...chooseQuantParams(own, format) }] : [];
  });
}

/** Figures of all parts together: errors are root mean squares over all values. */
export function liveFigures(parts: readonly Part[]): LiveFigures | null {
  if (parts.length === 0) return null;
  let count = 0;
  let clipped = 0;
  let clipping = 0;
  let rounding = 0;
  let signal = 0;
  for (const { stats, range, format } of parts) {
    const figures = clipFigures(stats, range, format);
    count += stats.count;
    clipped += figures.clippedShare * stats.count;
    clipping += figures.clippingMse * stats.count;
    rounding += figures.roundingMse * stats.count;
    signal += (stats.mean ** 2 + stats.std ** 2) * stats.count;
  }
  const noise = clipping + rounding;
  const { scale, zeroPoint } = parts[0]!;
  return {
    scale,
    zeroPoint,
    clippedShare: clipped / count,
    clippingRmse: Math.sqrt(clipping / count),
    roundingRmse: Math.sqrt(rounding / count),
    sqnrDb: noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
  };
}

/** How many values come to lie in each of `bins` equal parts of the view once they are quantized. */
export function quantizedCounts(parts: readonly Part[], view: View, bins: number): Float64Array {
  const out = new Float64Array(bins);
  const perValue = bins / (view.hi - view.lo);
  for (const part of parts) {
    const { lo, width, counts } = part.stats.histogram;
    const { qmin, qmax } = codeRange(part.format);
    for (let i = 0; i < counts.length; i++) {
      const n = counts[i]!;
      if (n === 0) continue;
      const value = dequantize(quantize(lo + (i + 0.5) * width, part, qmin, qmax), part);
      const bin = Math.floor((value - view.lo) * perValue);
      if (bin >= 0 && bin < bins) out[bin]! += n;
    }
  }
  return out;
}

function capped(range: Range, cap: Range): Range {
  const min = Math.max(range.min, cap.min);
  return { min, max: Math.max(min, Math.min(range.max, cap.max)) };
}
