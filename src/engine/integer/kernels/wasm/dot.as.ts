// @ts-nocheck: AssemblyScript, compiled by scripts/build-kernel.mjs into dot.generated.ts.

/** Where whoever calls may put what it needs: everything behind what the compiler keeps for itself. */
export function heap(): usize {
  return (__heap_base + 15) & ~(<usize>15);
}

/**
 * int32 accumulators of a row of pixels. The window of a pixel is `runs` runs of `length` codes, which begin at `offsets` bytes
 * behind its first; it is copied into a patch of 16-bit values, `size` of them (a multiple of eight, zeros at its end), and
 * multiplied with the weights of each channel, which lie alike. Sums wrap as 32-bit integers do, so that their order is no matter.
 *
 * @param patches room for four patches
 * @param channelStep accumulators of a pixel, of which those of these channels are written
 */
export function accumulateRow(
  image: usize,
  step: usize,
  pixels: i32,
  offsets: usize,
  runs: i32,
  length: i32,
  patches: usize,
  size: i32,
  weights: usize,
  bias: usize,
  channels: i32,
  out: usize,
  channelStep: i32,
): void {
  const bytes = (<usize>size) << 1;
  const outStep = (<usize>channelStep) << 2;
  for (let x: i32 = 0; x < pixels; x += 4) {
    const many = min(4, pixels - x);
    for (let p: i32 = 0; p < 4; p++)
      // Behind the last pixel of a row the last one stands in, and is thrown away.
      gather(image + step * <usize>(x + min(p, many - 1)), offsets, runs, length, patches + bytes * <usize>p, bytes);
    let w = weights;
    for (let o: i32 = 0; o < channels; o++, w += bytes) {
      let a = i32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      for (let k: usize = 0; k < bytes; k += 16) {
        const row = v128.load(w + k);
        const at = patches + k;
        a = i32x4.add(a, i32x4.dot_i16x8_s(row, v128.load(at)));
        b = i32x4.add(b, i32x4.dot_i16x8_s(row, v128.load(at + bytes)));
        c = i32x4.add(c, i32x4.dot_i16x8_s(row, v128.load(at + 2 * bytes)));
        d = i32x4.add(d, i32x4.dot_i16x8_s(row, v128.load(at + 3 * bytes)));
      }
      const first = load<i32>(bias + ((<usize>o) << 2));
      const to = out + outStep * <usize>x + ((<usize>o) << 2);
      store<i32>(to, first + sum(a));
      if (many > 1) store<i32>(to + outStep, first + sum(b));
      if (many > 2) store<i32>(to + 2 * outStep, first + sum(c));
      if (many > 3) store<i32>(to + 3 * outStep, first + sum(d));
    }
  }
}

function sum(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}

/** A window as 16-bit values. */
function gather(from: usize, offsets: usize, runs: i32, length: i32, patch: usize, bytes: usize): void {
  let to = patch;
  for (let r: i32 = 0; r < runs; r++) {
    const run = from + <usize>load<i32>(offsets + ((<usize>r) << 2));
    let i: i32 = 0;
    for (; i + 8 <= length; i += 8, to += 16) v128.store(to, v128.load8x8_s(run + <usize>i));
    for (; i < length; i++, to += 2) store<i16>(to, <i16>load<i8>(run + <usize>i));
  }
  for (; to < patch + bytes; to += 2) store<i16>(to, 0);
}
