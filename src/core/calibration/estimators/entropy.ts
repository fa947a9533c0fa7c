import type { NumberFormat } from '../../number-formats/format';
import { codecOf } from '../../number-formats/codecs';
import type { Distribution, Estimator } from '../types';
import { clipped, effectiveBits } from './clip';
import { minmax } from './minmax';

/** The smallest clip tried, in bins. */
const FIRST = 128;
/** As many as calibration gathers at most, and as the published calibration has. */
const MOST_BINS = 2048;
/** Fewer values make no histogram worth comparing: they keep min–max. */
const FEWEST_VALUES = 2048;
/** Divergences are compared at every so many bins first, then at every bin around the best. */
const STRIDE = 4;

/**
 * NVIDIA's calibration: of all clips, the one where the histogram of |x|, its tail gathered in the last bin, and what
 * quantization makes of the clipped one differ least in information (Kullback–Leibler divergence). The bin at 0 counts as
 * its neighbour, so that the zeros of a ReLU do not decide; of equal clips the largest is taken.
 */
export const entropy: Estimator = {
  id: 'entropy',
  label: 'Entropy (KL)',
  explain: 'Chooses the clip whose quantized histogram loses the least information, as TensorRT does; for activations.',
  params: [{ id: 'bins', label: 'Bins at most', min: 256, max: MOST_BINS, step: 128, default: MOST_BINS }],
  estimate(distribution, format, { bins: most = MOST_BINS }) {
    const bins = magnitudes(distribution, most);
    const edges = levelEdges(distribution, format);
    if (!bins || !edges || bins.counts.length <= FIRST) return minmax.estimate(distribution, format, {});
    return clipped(distribution, leastDivergence(bins.counts, edges) * bins.width);
  },
};

/** Bins of |x| from 0 up to the largest, neighbours merged until there are no more than `most`; null for few values. */
function magnitudes(
  { values, weights, binWidth, min, max }: Distribution,
  most: number,
): { counts: Float64Array; width: number } | null {
  if (binWidth === 0 && values.length < FEWEST_VALUES) return null;
  const reach = Math.max(-min, max);
  const finest = binWidth > 0 ? binWidth : reach / FEWEST_VALUES;
  const width = finest * Math.max(1, Math.ceil(Math.ceil(reach / finest) / most));
  const counts = new Float64Array(Math.max(1, Math.ceil(reach / width)));
  for (let i = 0; i < values.length; i++)
    counts[Math.min(counts.length - 1, Math.floor(Math.abs(values[i]) / width))] += weights[i];
  counts[0] = counts[1] ?? 0;
  return { counts, width };
}

/** Where the levels of a grid begin, as parts of the clip; ends with 1. Evenly spaced, or half way between two floats. */
function levelEdges(distribution: Distribution, format: NumberFormat): Float64Array | null {
  if (format.kind === 'int') {
    const levels = 2 ** (effectiveBits(distribution, format.bits, format.symmetric) - 1);
    return levels <= FIRST * 2 ? Float64Array.from({ length: levels + 1 }, (_, i) => i / levels) : null;
  }
  if (!format.scaled) return null;
  const { segments } = codecOf(format);
  const largest = segments[segments.length - 1].end;
  const edges = [0];
  for (const { start, end, step } of segments)
    if (start >= 0) for (let v = start; v < end; v += step) edges.push((v + step / 2) / largest);
  return Float64Array.from([...edges, 1]);
}

/** Number of bins below the best clip. */
function leastDivergence(counts: Float64Array, edges: Float64Array): number {
  const divergence = new Divergence(counts, edges);
  let best = counts.length;
  let least = Infinity;
  const visit = (clip: number) => {
    const value = divergence.at(clip);
    if (value < least || (value === least && clip > best)) [best, least] = [clip, value];
  };
  for (let clip = counts.length; clip >= FIRST; clip -= STRIDE) visit(clip);
  const centre = best;
  for (let clip = Math.max(FIRST, centre - 2 * STRIDE); clip <= Math.min(counts.length, centre + 2 * STRIDE); clip++)
    visit(clip);
  return best;
}

/**
 * D(P‖Q) for each clip in time proportional to the levels rather than the bins. Q is constant over a level's non-empty bins,
 * so a level needs only their number and sum, and both come from prefix sums.
 */
class Divergence {
  private readonly sums: Float64Array;
  private readonly filled: Int32Array;
  /** Σ c·ln c */
  private readonly information: Float64Array;
  private readonly logs: Float64Array;

  constructor(
    private readonly counts: Float64Array,
    private readonly edges: Float64Array,
  ) {
    const n = counts.length;
    this.sums = new Float64Array(n + 1);
    this.filled = new Int32Array(n + 1);
    this.information = new Float64Array(n + 1);
    this.logs = Float64Array.from({ length: n + 1 }, (_, i) => Math.log(i));
    for (let i = 0; i < n; i++) {
      const c = counts[i];
      this.sums[i + 1] = this.sums[i] + c;
      this.filled[i + 1] = this.filled[i] + (c > 0 ? 1 : 0);
      this.information[i + 1] = this.information[i] + (c > 0 ? c * Math.log(c) : 0);
    }
  }

  at(clip: number): number {
    const { counts, edges, sums, filled, information, logs } = this;
    const total = sums[counts.length];
    const kept = sums[clip];
    const tail = total - kept;
    const last = counts[clip - 1];
    if (last === 0 && tail > 0) return Infinity; // P has the tail where Q has nothing
    let cross = 0; // Σ c·ln q over the kept bins, q not yet divided by its sum
    let from = 0;
    let lnLast = 0;
    for (let level = 1; level < edges.length && from < clip; level++) {
      const to = level === edges.length - 1 ? clip : Math.ceil(edges[level] * clip);
      const n = filled[to] - filled[from];
      if (n > 0) {
        const sum = sums[to] - sums[from];
        lnLast = Math.log(sum) - logs[n];
        cross += sum * lnLast;
      }
      from = to;
    }
    const gathered = last + tail;
    const own = information[clip - 1] + (gathered > 0 ? gathered * Math.log(gathered) : 0);
    return (own - cross - tail * lnLast) / total - Math.log(total) + Math.log(kept);
  }
}
