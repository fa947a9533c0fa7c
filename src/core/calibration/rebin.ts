import type { Histogram } from './types';

/**
 * Counts in `bins` equal parts of [from, to). A bin that is cut gives each part its share, as if its values lay evenly in
 * it; what lies outside is left out.
 */
export function rebin({ lo, width, counts }: Histogram, from: number, to: number, bins: number): Float64Array {
  const out = new Float64Array(bins);
  if (!(to > from)) return out;
  const perUnit = bins / (to - from);
  const first = Math.max(0, Math.floor((from - lo) / width));
  const end = Math.min(counts.length, Math.ceil((to - lo) / width));
  for (let i = first; i < end; i++) {
    if (counts[i] === 0) continue;
    const a = (lo + i * width - from) * perUnit;
    const b = a + width * perUnit;
    const last = Math.min(bins, Math.ceil(b));
    for (let k = Math.max(0, Math.floor(a)); k < last; k++)
      out[k] += (counts[i] * (Math.min(b, k + 1) - Math.max(a, k))) / (b - a);
  }
  return out;
}
