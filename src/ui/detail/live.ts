/** What a drag shows, computed in the page from histograms alone: figures and the quantized overlay. */
import { chooseQuantParams, quantize, type AffineParams } from '../../core/numerics/affine';
import { codeRange, INT8_ACTIVATION, INT8_WEIGHT, type IntFormat } from '../../core/numerics/format';
import { clipFigures } from '../../core/quantize/clip-figures';
import type { TensorOverride } from '../../core/quantize/settings';
import { rebin } from '../../core/ranges/rebin';
import type { Histogram, Range, TensorStats } from '../../core/ranges/types';
import type { Draft } from '../../state/slices/selection';
import type { View } from './geometry';

/** One thing that is quantized as a whole, a tensor or a channel of it: its range, and the grid that follows. */
export interface Part extends AffineParams {
  readonly stats: TensorStats;
  readonly range: Range;
  readonly format: IntFormat;
}

export interface LiveFigures extends AffineParams {
  readonly clippedShare: number;
  readonly clippingRmse: number;
  readonly roundingRmse: number;
  readonly sqnrDb: number;
}

export function partOf(stats: TensorStats, range: Range, kind: 'activations' | 'weights'): Part {
  const format = kind === 'weights' ? INT8_WEIGHT : INT8_ACTIVATION;
  return { stats, range, format, ...chooseQuantParams(range, format) };
}

/**
 * The range of each channel now, before the plan has caught up: what is being dragged, else its own manual range, else its
 * extent capped by the tensor's manual range, else what was planned.
 */
export function channelRanges(
  channels: readonly TensorStats[],
  planned: readonly Range[],
  override: TensorOverride | undefined,
  draft: Draft | null,
): Range[] {
  const cap = draft?.channel === null ? draft.range : override?.range;
  return channels.map(({ min, max }, c) => {
    if (draft?.channel === c) return draft.range;
    const own = override?.channels?.[c];
    if (own) return own;
    if (cap) return { min: Math.max(Math.min(min, 0), cap.min), max: Math.min(Math.max(max, 0), cap.max) };
    return planned[c] ?? planned[0] ?? { min, max };
  });
}

/** Figures of all parts together: errors are root mean squares over all values. */
export function liveFigures(parts: readonly Part[]): LiveFigures | null {
  const [first] = parts;
  if (!first) return null;
  const sum = { count: 0, clipped: 0, clipping: 0, rounding: 0, signal: 0 };
  for (const { stats, range, format } of parts) {
    const figures = clipFigures(stats, range, format);
    sum.count += stats.count;
    sum.clipped += figures.clippedShare * stats.count;
    sum.clipping += figures.clippingMse * stats.count;
    sum.rounding += figures.roundingMse * stats.count;
    sum.signal += (stats.mean ** 2 + stats.std ** 2) * stats.count;
  }
  const noise = sum.clipping + sum.rounding;
  return {
    scale: first.scale,
    zeroPoint: first.zeroPoint,
    clippedShare: sum.clipped / sum.count,
    clippingRmse: Math.sqrt(sum.clipping / sum.count),
    roundingRmse: Math.sqrt(sum.rounding / sum.count),
    sqnrDb: noise === 0 ? Infinity : 10 * Math.log10(sum.signal / noise),
  };
}

/** How many values each code stands for, as a histogram whose bins are the codes' cells on the real line. */
export function codeHistogram({ stats, scale, zeroPoint, format }: Part): Histogram {
  const { qmin, qmax } = codeRange(format);
  const counts = new Float64Array(qmax - qmin + 1);
  const { lo, width, counts: source } = stats.histogram;
  const params = { scale, zeroPoint };
  for (let i = 0; i < source.length; i++) {
    const n = source[i]!;
    if (n > 0) counts[quantize(lo + (i + 0.5) * width, params, qmin, qmax) - qmin]! += n;
  }
  return { lo: (qmin - zeroPoint - 0.5) * scale, width: scale, counts };
}

/** Quantized values in `bins` equal parts of the view, each code spread over its cell. */
export function quantizedCounts(codes: readonly Histogram[], view: View, bins: number): Float64Array {
  const [first, ...rest] = codes;
  const out = first ? rebin(first, view.lo, view.hi, bins) : new Float64Array(bins);
  for (const histogram of rest) {
    const counts = rebin(histogram, view.lo, view.hi, bins);
    for (let i = 0; i < bins; i++) out[i]! += counts[i]!;
  }
  return out;
}
