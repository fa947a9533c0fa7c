/** What a softmax cannot see of its input is left out of the statistics of that input. */

/** Below a row's largest value by more than this, e^-40, nothing is left of a value in any format. */
const UNSEEN = 40;

/** What was left out of a tensor's statistics. */
export interface Masked {
  readonly count: number;
  /** The smallest of the largest values of the rows in which something was left out. */
  readonly lowestPeak: number;
  /** What the softmax multiplies the values by. */
  readonly factor: number;
}

export interface SeenValues {
  /** The very array where nothing was left out. */
  readonly values: Float32Array;
  readonly masked: Masked | null;
}

/**
 * @param rowLength of the softmax: values.length is a multiple of it
 * @param factor what the softmax multiplies the values by
 */
export function seenBySoftmax(values: Float32Array, rowLength: number, factor = 1): SeenValues {
  let seen: Float32Array | null = null;
  let kept = 0;
  let lowestPeak = Infinity;
  for (let at = 0; at < values.length; at += rowLength) {
    let [peak, least] = [-Infinity, Infinity];
    for (let i = at; i < at + rowLength; i++) {
      if (values[i] > peak) peak = values[i];
      if (values[i] < least) least = values[i];
    }
    const floor = peak - UNSEEN / factor;
    if (least < floor) {
      seen ??= values.slice();
      lowestPeak = Math.min(lowestPeak, peak);
    }
    if (!seen) kept += rowLength;
    else for (let i = at; i < at + rowLength; i++) if (!(values[i] < floor)) seen[kept++] = values[i];
  }
  if (!seen) return { values, masked: null };
  return { values: seen.subarray(0, kept), masked: { count: values.length - kept, lowestPeak, factor } };
}

export function mergeMasked(a: Masked | null, b: Masked | null): Masked | null {
  if (!a || !b) return a ?? b;
  return { ...a, count: a.count + b.count, lowestPeak: Math.min(a.lowestPeak, b.lowestPeak) };
}
