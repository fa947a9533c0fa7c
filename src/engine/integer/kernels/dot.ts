/**
 * The inner loop of conv2d and fullyConnected: int32 accumulators of all output channels of one pixel. A window is a few
 * contiguous runs of the input (one per filter row when nothing is dilated or grouped), each met by a run of every
 * channel's weights. Four channels at once share the loads of the input; the sums stay in registers.
 */
export interface Runs {
  /** Start of each run relative to the window's first element. */
  readonly inputOffsets: Int32Array;
  readonly length: number;
}

/** @param weights [channels][runs][length], contiguous; channels `from` up to `to`. */
export function dotRuns(
  input: Int8Array,
  at: number,
  { inputOffsets, length }: Runs,
  weights: Int16Array,
  bias: Int32Array,
  accumulators: Int32Array,
  from: number,
  to: number,
): void {
  const runs = inputOffsets.length;
  const perChannel = runs * length;
  let o = from;
  for (; o + 4 <= to; o += 4) {
    let a0 = bias[o];
    let a1 = bias[o + 1];
    let a2 = bias[o + 2];
    let a3 = bias[o + 3];
    for (let r = 0; r < runs; r++) {
      const x = at + inputOffsets[r];
      const w0 = o * perChannel + r * length;
      const w1 = w0 + perChannel;
      const w2 = w1 + perChannel;
      const w3 = w2 + perChannel;
      for (let i = 0; i < length; i++) {
        const v = input[x + i];
        a0 = (a0 + Math.imul(v, weights[w0 + i])) | 0;
        a1 = (a1 + Math.imul(v, weights[w1 + i])) | 0;
        a2 = (a2 + Math.imul(v, weights[w2 + i])) | 0;
        a3 = (a3 + Math.imul(v, weights[w3 + i])) | 0;
      }
    }
    accumulators[o] = a0;
    accumulators[o + 1] = a1;
    accumulators[o + 2] = a2;
    accumulators[o + 3] = a3;
  }
  for (; o < to; o++) {
    let a = bias[o];
    for (let r = 0; r < runs; r++) {
      const x = at + inputOffsets[r];
      const w = o * perChannel + r * length;
      for (let i = 0; i < length; i++) a = (a + Math.imul(input[x + i], weights[w + i])) | 0;
    }
    accumulators[o] = a;
  }
}
