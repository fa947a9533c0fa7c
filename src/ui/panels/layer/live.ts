/** What a drag shows, computed in the page from histograms alone: figures and the quantized overlay. */
import { chooseQuantParams, quantize, representableRange, type AffineParams } from '../../../core/numerics/affine';
import { codeRange, type AnyFormat, type NumberFormat } from '../../../core/number-formats/format';
import { numberLine } from '../../../core/number-formats/describe';
import { clipFigures } from '../../../core/quantize/clip-figures';
import type { TensorOverride } from '../../../core/quantize/settings';
import { rebin } from '../../../core/calibration/rebin';
import type { Histogram, Range, TensorStats } from '../../../core/calibration/types';
import type { Draft } from '../../../state/slices/selection';
import type { View } from '../../charts/geometry';

/** One thing that is quantized as a whole, a tensor or a channel of it: its range, and the grid that follows. */
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

/** The part each statistics had last: most channels of a tensor are untouched by a drag, and keep all that is known. */
const lastParts = new WeakMap<TensorStats, Part>();

/** The grid that values land on; blocks share a scale by themselves, their elements are what can be drawn. */
export function gridOf(format: AnyFormat | undefined, usual: NumberFormat): NumberFormat {
  if (!format) return usual;
  return format.kind === 'block' ? format.element : format;
}

export function partOf(stats: TensorStats, range: Range, format: NumberFormat): Part {
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
    const indices = Array.from(counts.keys()).filter((i) => counts[i] > 0);
    bins = {
      centres: Float64Array.from(indices, (i) => lo + (i + 0.5) * width),
      counts: Float64Array.from(indices, (i) => counts[i]),
    };
    filled.set(stats, bins);
  }
  return bins;
}

/** More codes than this are not told apart on a screen: values are drawn as they are, but for those clipped. */
const DRAWN_CODES = 256;

/**
 * How many values each code stands for, as a histogram whose bins are the codes' cells on the real line. null for grids
 * of uneven steps, and for those too fine to see.
 */
export const codeHistogram = remembered((part): Histogram | null => {
  const { stats, scale, zeroPoint, format } = part;
  if (format.kind !== 'int' || 2 ** format.bits > DRAWN_CODES) return null;
  const { qmin, qmax } = codeRange(format);
  const counts = new Float64Array(qmax - qmin + 1);
  const { centres, counts: source } = filledBins(stats);
  for (let i = 0; i < centres.length; i++) counts[quantize(centres[i], part, qmin, qmax) - qmin] += source[i];
  return { lo: (qmin - zeroPoint - 0.5) * scale, width: scale, counts };
});

/** More parts than this are not spread over their codes' cells: their grids differ, and even each other out. */
const SPREAD_PARTS = 32;

/** Quantized values in `bins` equal parts of the view, each code spread over its cell. */
export function quantizedCounts(parts: readonly Part[], view: View, bins: number): Float64Array {
  const out = new Float64Array(bins);
  for (const part of parts) {
    const codes = codeHistogram(part);
    if (!codes) addUneven(part, view, out);
    else if (parts.length <= SPREAD_PARTS) {
      const counts = rebin(codes, view.lo, view.hi, bins);
      for (let i = 0; i < bins; i++) out[i] += counts[i];
    } else addCentres(codes, view, out);
  }
  return out;
}

/** Floating-point values, each spread over its cell; where there are too many of them, only the clipping shows. */
function addUneven(part: Part, view: View, out: Float64Array): void {
  const { centres, counts } = filledBins(part.stats);
  const grid = representableRange(part, part.format);
  const slack = 1e-6 * (grid.max - grid.min); // the ends belong to the grid, however their scale was rounded
  const { values, stride } = numberLine(part.format, part, grid.min - slack, grid.max + slack, DRAWN_CODES);
  const perUnit = out.length / (view.hi - view.lo);
  const add = (from: number, to: number, count: number) => {
    const a = (from - view.lo) * perUnit;
    const b = Math.max(a + 1e-9, (to - view.lo) * perUnit);
    for (let k = Math.max(0, Math.floor(a)); k < Math.min(out.length, Math.ceil(b)); k++)
      out[k] += (count * (Math.min(b, k + 1) - Math.max(a, k))) / (b - a);
  };
  if (stride > 1 || values.length < 2) {
    const half = part.stats.histogram.width / 2;
    for (let i = 0; i < centres.length; i++) {
      const value = Math.min(grid.max, Math.max(grid.min, centres[i]));
      add(value - half, value + half, counts[i]);
    }
    return;
  }
  const sums = new Float64Array(values.length);
  let at = 0;
  for (let i = 0; i < centres.length; i++) {
    while (at + 1 < values.length && values[at + 1] - centres[i] < centres[i] - values[at]) at++;
    sums[at] += counts[i];
  }
  for (let i = 0; i < values.length; i++) {
    const below = (values[i] - (values[i - 1] ?? 2 * values[0] - values[1])) / 2;
    const above = ((values[i + 1] ?? 2 * values.at(-1)! - values.at(-2)!) - values[i]) / 2;
    if (sums[i] > 0) add(values[i] - below, values[i] + above, sums[i]);
  }
}

function addCentres({ lo, width, counts }: Histogram, view: View, out: Float64Array): void {
  const perUnit = out.length / (view.hi - view.lo);
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const bin = Math.floor((lo + (i + 0.5) * width - view.lo) * perUnit);
    if (bin >= 0 && bin < out.length) out[bin] += counts[i];
  }
}
