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

/** The part each statistics had last: most channels of a tensor are untouched by a drag, and keep all that is known. */
const lastParts = new WeakMap<TensorStats, Part>();

export function partOf(stats: TensorStats, range: Range, kind: 'activations' | 'weights'): Part {
  const format = kind === 'weights' ? INT8_WEIGHT : INT8_ACTIVATION;
  const last = lastParts.get(stats);
  if (last && last.format === format && last.range.min === range.min && last.range.max === range.max) return last;
  const part = { stats, range, format, ...chooseQuantParams(range, format) };
  lastParts.set(stats, part);
  return part;
}

function remembered<T>(compute: (part: Part) => T): (part: Part) => T {
  const known = new WeakMap<Part, T>();
  return (part) => {
    let value = known.get(part);
    if (value === undefined) known.set(part, (value = compute(part)));
    return value;
  };
}

const figuresOf = remembered(({ stats, range, format }) => clipFigures(stats, range, format));

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
  for (const part of parts) {
    const { stats } = part;
    const figures = figuresOf(part);
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

const filled = new WeakMap<TensorStats, { readonly centres: Float64Array; readonly counts: Float64Array }>();

/** Bins with something in them: a channel of nine weights fills nine of its 2048, and a drag quantizes every channel. */
function filledBins(stats: TensorStats) {
  let bins = filled.get(stats);
  if (!bins) {
    const { lo, width, counts } = stats.histogram;
    const indices = Array.from(counts.keys()).filter((i) => counts[i]! > 0);
    bins = {
      centres: Float64Array.from(indices, (i) => lo + (i + 0.5) * width),
      counts: Float64Array.from(indices, (i) => counts[i]!),
    };
    filled.set(stats, bins);
  }
  return bins;
}

/** How many values each code stands for, as a histogram whose bins are the codes' cells on the real line. */
export const codeHistogram = remembered((part): Histogram => {
  const { stats, scale, zeroPoint, format } = part;
  const { qmin, qmax } = codeRange(format);
  const counts = new Float64Array(qmax - qmin + 1);
  const { centres, counts: source } = filledBins(stats);
  for (let i = 0; i < centres.length; i++) counts[quantize(centres[i]!, part, qmin, qmax) - qmin]! += source[i]!;
  return { lo: (qmin - zeroPoint - 0.5) * scale, width: scale, counts };
});

/** More parts than this are not spread over their codes' cells: their grids differ, and even each other out. */
const SPREAD_PARTS = 32;

/** Quantized values in `bins` equal parts of the view, each code spread over its cell. */
export function quantizedCounts(parts: readonly Part[], view: View, bins: number): Float64Array {
  const out = new Float64Array(bins);
  for (const part of parts) {
    const codes = codeHistogram(part);
    if (parts.length <= SPREAD_PARTS) {
      const counts = rebin(codes, view.lo, view.hi, bins);
      for (let i = 0; i < bins; i++) out[i]! += counts[i]!;
    } else addCentres(codes, view, out);
  }
  return out;
}

function addCentres({ lo, width, counts }: Histogram, view: View, out: Float64Array): void {
  const perUnit = out.length / (view.hi - view.lo);
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const bin = Math.floor((lo + (i + 0.5) * width - view.lo) * perUnit);
    if (bin >= 0 && bin < out.length) out[bin]! += counts[i]!;
  }
}
