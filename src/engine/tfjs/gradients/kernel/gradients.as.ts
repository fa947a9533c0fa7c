// @ts-nocheck: AssemblyScript, compiled by scripts/build-kernel.mjs into gradients.generated.ts.
// What a training step spends its time on, on the memory of tfjs' wasm backend: addresses are byte offsets into it, arrays
// are float32, NHWC. Nothing is allocated here.

/** Elements summed in float32 before they are added to a float64. */
const CHUNK: i32 = 1024;
/** Output pixels a tile of the filter gradient stays in registers for: their rows fit the first-level cache. */
const PIXELS: i32 = 64;

function lanes(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) +
    <f64>f32x4.extract_lane(v, 1) +
    (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3))
  );
}

/**
 * Gradient of the rounding of v to r, of values that an activation clamped to [floor, ceil] before. dx = dy where v was free
 * to move and between the grid's ends, low and high, else 0; may be dy itself. At sums, as float32: Σ dy · (r − v) on the
 * grid, Σ dy below it, Σ dy above it.
 */
export function roundingGradient(
  v: usize,
  r: usize,
  dy: usize,
  dx: usize,
  n: i32,
  low: f32,
  high: f32,
  floor: f32,
  ceil: f32,
  sums: usize,
): void {
  const lows = v128.splat<f32>(low);
  const highs = v128.splat<f32>(high);
  const floors = v128.splat<f32>(floor);
  const ceils = v128.splat<f32>(ceil);
  let moved: f64 = 0;
  let below: f64 = 0;
  let above: f64 = 0;
  let i: i32 = 0;
  const vectors = n & ~3;
  while (i < vectors) {
    const stop = min(vectors, i + CHUNK);
    let moves = v128.splat<f32>(0);
    let belows = v128.splat<f32>(0);
    let aboves = v128.splat<f32>(0);
    for (; i < stop; i += 4) {
      const at = (<usize>i) << 2;
      const value = v128.load(v + at);
      const gradient = v128.load(dy + at);
      const isBelow = f32x4.lt(value, lows);
      const isAbove = f32x4.gt(value, highs);
      const isOut = v128.or(isBelow, isAbove);
      moves = f32x4.add(moves, v128.andnot(f32x4.mul(gradient, f32x4.sub(v128.load(r + at), value)), isOut));
      belows = f32x4.add(belows, v128.and(gradient, isBelow));
      aboves = f32x4.add(aboves, v128.and(gradient, isAbove));
      const free = v128.and(f32x4.gt(value, floors), f32x4.lt(value, ceils));
      v128.store(dx + at, v128.andnot(v128.and(gradient, free), isOut));
    }
    moved += lanes(moves);
    below += lanes(belows);
    above += lanes(aboves);
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const value = load<f32>(v + at);
    const gradient = load<f32>(dy + at);
    let free = value > floor && value < ceil;
    if (value < low) {
      below += gradient;
      free = false;
    } else if (value > high) {
      above += gradient;
      free = false;
    } else moved += gradient * (load<f32>(r + at) - value);
    store<f32>(dx + at, free ? gradient : 0);
  }
  store<f32>(sums, <f32>moved);
  store<f32>(sums, <f32>below, 4);
  store<f32>(sums, <f32>above, 8);
}

/** dx = dy where an activation did not clamp y to floor or ceil, else 0; dx may be dy. */
export function clampGradient(y: usize, dy: usize, dx: usize, n: i32, floor: f32, ceil: f32): void {
  const floors = v128.splat<f32>(floor);
  const ceils = v128.splat<f32>(ceil);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const value = v128.load(y + at);
    const free = v128.and(f32x4.gt(value, floors), f32x4.lt(value, ceils));
    v128.store(dx + at, v128.and(v128.load(dy + at), free));
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const value = load<f32>(y + at);
    store<f32>(dx + at, value > floor && value < ceil ? load<f32>(dy + at) : 0);
  }
}

/** Smallest and largest of n ≥ 1 values, as float32 at `out`. */
export function extrema(x: usize, n: i32, out: usize): void {
  let low = load<f32>(x);
  let high = low;
  let lows = v128.splat<f32>(low);
  let highs = lows;
  const vectors = n & ~3;
  let i: i32 = 0;
  for (; i < vectors; i += 4) {
    const value = v128.load(x + ((<usize>i) << 2));
    lows = f32x4.pmin(lows, value);
    highs = f32x4.pmax(highs, value);
  }
  for (; i < n; i++) {
    const value = load<f32>(x + ((<usize>i) << 2));
    low = min(low, value);
    high = max(high, value);
  }
  low = min(
    min(low, f32x4.extract_lane(lows, 0)),
    min(f32x4.extract_lane(lows, 1), min(f32x4.extract_lane(lows, 2), f32x4.extract_lane(lows, 3))),
  );
  high = max(
    max(high, f32x4.extract_lane(highs, 0)),
    max(f32x4.extract_lane(highs, 1), max(f32x4.extract_lane(highs, 2), f32x4.extract_lane(highs, 3))),
  );
  store<f32>(out, low);
  store<f32>(out + 4, high);
}

/** out[p, c] = Σ x[p, r, c] over r: the gradient of what was repeated over rows, such as a bias. */
export function columnSums(x: usize, planes: i32, rows: i32, columns: i32, out: usize): void {
  const stride = (<usize>columns) << 2;
  memory.fill(out, 0, <usize>planes * stride);
  for (let p: i32 = 0; p < planes; p++, out += stride)
    for (let start: i32 = 0; start < rows; start += CHUNK) {
      const count = min(CHUNK, rows - start);
      let c: i32 = 0;
      for (; c + 16 <= columns; c += 16) {
        let a = v128.splat<f32>(0);
        let b = a;
        let d = a;
        let e = a;
        let at = x + ((<usize>c) << 2);
        for (let r: i32 = 0; r < count; r++, at += stride) {
          a = f32x4.add(a, v128.load(at));
          b = f32x4.add(b, v128.load(at, 16));
          d = f32x4.add(d, v128.load(at, 32));
          e = f32x4.add(e, v128.load(at, 48));
        }
        const to = out + ((<usize>c) << 2);
        v128.store(to, f32x4.add(a, v128.load(to)));
        v128.store(to, f32x4.add(b, v128.load(to, 16)), 16);
        v128.store(to, f32x4.add(d, v128.load(to, 32)), 32);
        v128.store(to, f32x4.add(e, v128.load(to, 48)), 48);
      }
      for (; c < columns; c++) {
        let sum: f32 = 0;
        let at = x + ((<usize>c) << 2);
        for (let r: i32 = 0; r < count; r++, at += stride) sum += load<f32>(at);
        const to = out + ((<usize>c) << 2);
        store<f32>(to, load<f32>(to) + sum);
      }
      x += <usize>count * stride;
    }
}

/** out[c] = Σ (x[r, c] − a[c]) · (y[r, c] − b[c]) over r: variances, and the gradients of what scales each column. */
export function columnProducts(x: usize, a: usize, y: usize, b: usize, rows: i32, columns: i32, out: usize): void {
  const stride = (<usize>columns) << 2;
  memory.fill(out, 0, stride);
  for (let start: i32 = 0; start < rows; start += CHUNK) {
    const count = min(CHUNK, rows - start);
    let c: i32 = 0;
    for (; c + 8 <= columns; c += 8) {
      const at = (<usize>c) << 2;
      const a0 = v128.load(a + at);
      const a1 = v128.load(a + at, 16);
      const b0 = v128.load(b + at);
      const b1 = v128.load(b + at, 16);
      let s0 = v128.splat<f32>(0);
      let s1 = s0;
      let xAt = x + at;
      let yAt = y + at;
      for (let r: i32 = 0; r < count; r++, xAt += stride, yAt += stride) {
        s0 = f32x4.add(s0, f32x4.mul(f32x4.sub(v128.load(xAt), a0), f32x4.sub(v128.load(yAt), b0)));
        s1 = f32x4.add(s1, f32x4.mul(f32x4.sub(v128.load(xAt, 16), a1), f32x4.sub(v128.load(yAt, 16), b1)));
      }
      const to = out + at;
      v128.store(to, f32x4.add(s0, v128.load(to)));
      v128.store(to, f32x4.add(s1, v128.load(to, 16)), 16);
    }
    for (; c < columns; c++) {
      const at = (<usize>c) << 2;
      const a0 = load<f32>(a + at);
      const b0 = load<f32>(b + at);
      let sum: f32 = 0;
      let xAt = x + at;
      let yAt = y + at;
      for (let r: i32 = 0; r < count; r++, xAt += stride, yAt += stride)
        sum += (load<f32>(xAt) - a0) * (load<f32>(yAt) - b0);
      store<f32>(out + at, load<f32>(out + at) + sum);
    }
    x += <usize>count * stride;
    y += <usize>count * stride;
  }
}

/** out[r, c] = a[c] · x[r, c] + b[c] · y[r, c] + d[c], clamped to [floor, ceil]; out may be x or y. */
export function columnAffine(
  x: usize,
  a: usize,
  y: usize,
  b: usize,
  d: usize,
  rows: i32,
  columns: i32,
  floor: f32,
  ceil: f32,
  out: usize,
): void {
  const floors = v128.splat<f32>(floor);
  const ceils = v128.splat<f32>(ceil);
  const stride = (<usize>columns) << 2;
  for (let r: i32 = 0; r < rows; r++, x += stride, y += stride, out += stride) {
    let c: i32 = 0;
    for (; c + 4 <= columns; c += 4) {
      const at = (<usize>c) << 2;
      const terms = f32x4.add(f32x4.mul(v128.load(b + at), v128.load(y + at)), v128.load(d + at));
      const value = f32x4.add(f32x4.mul(v128.load(a + at), v128.load(x + at)), terms);
      v128.store(out + at, f32x4.pmin(f32x4.pmax(value, floors), ceils));
    }
    for (; c < columns; c++) {
      const at = (<usize>c) << 2;
      const terms = load<f32>(b + at) * load<f32>(y + at) + load<f32>(d + at);
      const value = load<f32>(a + at) * load<f32>(x + at) + terms;
      store<f32>(out + at, value < floor ? floor : value > ceil ? ceil : value);
    }
  }
}

/** out[p, r, c] = x[p, c] · factor: the gradient of a sum over r. */
export function repeatRows(x: usize, planes: i32, rows: i32, columns: i32, factor: f32, out: usize): void {
  const factors = v128.splat<f32>(factor);
  for (let p: i32 = 0; p < planes; p++, x += (<usize>columns) << 2)
    for (let r: i32 = 0; r < rows; r++, out += (<usize>columns) << 2) {
      let c: i32 = 0;
      for (; c + 4 <= columns; c += 4) {
        const at = (<usize>c) << 2;
        v128.store(out + at, f32x4.mul(v128.load(x + at), factors));
      }
      for (; c < columns; c++) store<f32>(out + ((<usize>c) << 2), load<f32>(x + ((<usize>c) << 2)) * factor);
    }
}

/**
 * dw[kh, kw, i, o] += Σ x[n, oh·sh + kh·dh − top, ow·sw + kw·dw − left, i] · dy[n, oh, ow, o]
 *
 * For each tap this is the product of x, transposed, with dy: 4 × 8 sums stay in registers over a block of rows. Pixels are
 * xStride and yStride floats apart, rows of dw wStride, so that groups are slices of channels. dw must hold zeros, or what
 * is to be added to.
 */
export function convFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  depth: i32,
  xStride: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  yStride: i32,
  wStride: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const xStep = (<usize>(sw * xStride)) << 2;
  const yStep = (<usize>yStride) << 2;
  const rowsAtOnce = max(1, PIXELS / outWidth);
  const tapSize = (<usize>(depth * wStride)) << 2;
  for (let n: i32 = 0; n < batch; n++)
    for (let from: i32 = 0; from < outHeight; from += rowsAtOnce) {
      const to = min(outHeight, from + rowsAtOnce);
      let tap = dw;
      for (let kh: i32 = 0; kh < kernelHeight; kh++)
        for (let kw: i32 = 0; kw < kernelWidth; kw++, tap += tapSize) {
          // Output rows and columns whose pixel under this tap is not padding.
          const rowShift = kh * dh - top;
          const columnShift = kw * dilationWidth - left;
          const firstRow = max(from, ceilDiv(-rowShift, sh));
          const lastRow = min(to, floorDiv(height - 1 - rowShift, sh) + 1);
          const first = max(0, ceilDiv(-columnShift, sw));
          const last = min(outWidth, floorDiv(width - 1 - columnShift, sw) + 1);
          const rows = lastRow - firstRow;
          const columns = last - first;
          if (rows <= 0 || columns <= 0) continue;
          const x0 =
            x +
            ((<usize>(((n * height + firstRow * sh + rowShift) * width + first * sw + columnShift) * xStride)) << 2);
          const y0 = dy + ((<usize>(((n * outHeight + firstRow) * outWidth + first) * yStride)) << 2);
          const xRow = (<usize>(sh * width * xStride)) << 2;
          const yRow = (<usize>(outWidth * yStride)) << 2;
          let i: i32 = 0;
          for (; i + 4 <= depth; i += 4) {
            const xs = x0 + ((<usize>i) << 2);
            let o: i32 = 0;
            for (; o + 8 <= filters; o += 8)
              tile4x8(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                wStride,
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
            for (; o + 4 <= filters; o += 4)
              tile4x4(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                wStride,
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
            for (; o < filters; o++)
              for (let k: i32 = 0; k < 4; k++)
                tile1x1(
                  xs + ((<usize>k) << 2),
                  y0 + ((<usize>o) << 2),
                  tap + ((<usize>((i + k) * wStride + o)) << 2),
                  rows,
                  columns,
                  xRow,
                  yRow,
                  xStep,
                  yStep,
                );
          }
          for (; i < depth; i++) {
            const xs = x0 + ((<usize>i) << 2);
            let o: i32 = 0;
            for (; o + 8 <= filters; o += 8)
              tile1x8(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
            for (; o < filters; o++)
              tile1x1(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
          }
        }
    }
}

function floorDiv(a: i32, b: i32): i32 {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

function ceilDiv(a: i32, b: i32): i32 {
  return -floorDiv(-a, b);
}

function tile4x8(
  x: usize,
  y: usize,
  w: usize,
  wStride: i32,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  const next = (<usize>wStride) << 2;
  const w1 = w + next;
  const w2 = w1 + next;
  const w3 = w2 + next;
  let a0 = v128.load(w),
    b0 = v128.load(w, 16);
  let a1 = v128.load(w1),
    b1 = v128.load(w1, 16);
  let a2 = v128.load(w2),
    b2 = v128.load(w2, 16);
  let a3 = v128.load(w3),
    b3 = v128.load(w3, 16);
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    for (let c: i32 = 0; c < columns; c++, xAt += xStep, yAt += yStep) {
      const ya = v128.load(yAt);
      const yb = v128.load(yAt, 16);
      const x0 = v128.load_splat<f32>(xAt);
      a0 = f32x4.add(a0, f32x4.mul(x0, ya));
      b0 = f32x4.add(b0, f32x4.mul(x0, yb));
      const x1 = v128.load_splat<f32>(xAt, 4);
      a1 = f32x4.add(a1, f32x4.mul(x1, ya));
      b1 = f32x4.add(b1, f32x4.mul(x1, yb));
      const x2 = v128.load_splat<f32>(xAt, 8);
      a2 = f32x4.add(a2, f32x4.mul(x2, ya));
      b2 = f32x4.add(b2, f32x4.mul(x2, yb));
      const x3 = v128.load_splat<f32>(xAt, 12);
      a3 = f32x4.add(a3, f32x4.mul(x3, ya));
      b3 = f32x4.add(b3, f32x4.mul(x3, yb));
    }
  }
  v128.store(w, a0);
  v128.store(w, b0, 16);
  v128.store(w1, a1);
  v128.store(w1, b1, 16);
  v128.store(w2, a2);
  v128.store(w2, b2, 16);
  v128.store(w3, a3);
  v128.store(w3, b3, 16);
}

function tile4x4(
  x: usize,
  y: usize,
  w: usize,
  wStride: i32,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  const next = (<usize>wStride) << 2;
  const w1 = w + next;
  const w2 = w1 + next;
  const w3 = w2 + next;
  let a0 = v128.load(w);
  let a1 = v128.load(w1);
  let a2 = v128.load(w2);
  let a3 = v128.load(w3);
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    for (let c: i32 = 0; c < columns; c++, xAt += xStep, yAt += yStep) {
      const ya = v128.load(yAt);
      a0 = f32x4.add(a0, f32x4.mul(v128.load_splat<f32>(xAt), ya));
      a1 = f32x4.add(a1, f32x4.mul(v128.load_splat<f32>(xAt, 4), ya));
      a2 = f32x4.add(a2, f32x4.mul(v128.load_splat<f32>(xAt, 8), ya));
      a3 = f32x4.add(a3, f32x4.mul(v128.load_splat<f32>(xAt, 12), ya));
    }
  }
  v128.store(w, a0);
  v128.store(w1, a1);
  v128.store(w2, a2);
  v128.store(w3, a3);
}

/** Two pixels at a time: one pixel's two sums would wait for each other. */
function tile1x8(
  x: usize,
  y: usize,
  w: usize,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  let a = v128.load(w),
    b = v128.load(w, 16);
  let a1 = v128.splat<f32>(0),
    b1 = a1;
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    let c: i32 = 0;
    for (; c + 2 <= columns; c += 2) {
      const x0 = v128.load_splat<f32>(xAt);
      a = f32x4.add(a, f32x4.mul(x0, v128.load(yAt)));
      b = f32x4.add(b, f32x4.mul(x0, v128.load(yAt, 16)));
      xAt += xStep;
      yAt += yStep;
      const x1 = v128.load_splat<f32>(xAt);
      a1 = f32x4.add(a1, f32x4.mul(x1, v128.load(yAt)));
      b1 = f32x4.add(b1, f32x4.mul(x1, v128.load(yAt, 16)));
      xAt += xStep;
      yAt += yStep;
    }
    if (c < columns) {
      const x0 = v128.load_splat<f32>(xAt);
      a = f32x4.add(a, f32x4.mul(x0, v128.load(yAt)));
      b = f32x4.add(b, f32x4.mul(x0, v128.load(yAt, 16)));
    }
  }
  v128.store(w, f32x4.add(a, a1));
  v128.store(w, f32x4.add(b, b1), 16);
}

function tile1x1(
  x: usize,
  y: usize,
  w: usize,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  let sum = load<f32>(w);
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    for (let c: i32 = 0; c < columns; c++, xAt += xStep, yAt += yStep) sum += load<f32>(xAt) * load<f32>(yAt);
  }
  store<f32>(w, sum);
}

/** dw[kh, kw, c] += Σ x[n, oh·sh + kh·dh − top, ow·sw + kw·dw − left, c] · dy[n, oh, ow, c] */
export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  const xStep = <usize>sw * pixel;
  const rowsAtOnce = max(1, PIXELS / outWidth);
  for (let n: i32 = 0; n < batch; n++)
    for (let from: i32 = 0; from < outHeight; from += rowsAtOnce) {
      const to = min(outHeight, from + rowsAtOnce);
      let tap = dw;
      for (let kh: i32 = 0; kh < kernelHeight; kh++)
        for (let kw: i32 = 0; kw < kernelWidth; kw++, tap += pixel) {
          const rowShift = kh * dh - top;
          const columnShift = kw * dilationWidth - left;
          const firstRow = max(from, ceilDiv(-rowShift, sh));
          const lastRow = min(to, floorDiv(height - 1 - rowShift, sh) + 1);
          const first = max(0, ceilDiv(-columnShift, sw));
          const last = min(outWidth, floorDiv(width - 1 - columnShift, sw) + 1);
          const columns = last - first;
          if (lastRow <= firstRow || columns <= 0) continue;
          const x0 = x + <usize>((n * height + firstRow * sh + rowShift) * width + first * sw + columnShift) * pixel;
          const y0 = dy + <usize>((n * outHeight + firstRow) * outWidth + first) * pixel;
          const xRow = <usize>(sh * width) * pixel;
          const yRow = <usize>outWidth * pixel;
          let c: i32 = 0;
          for (; c + 8 <= channels; c += 8) {
            const at = (<usize>c) << 2;
            let a = v128.load(tap + at),
              b = v128.load(tap + at, 16);
            let xr = x0 + at,
              yr = y0 + at;
            for (let r = firstRow; r < lastRow; r++, xr += xRow, yr += yRow) {
              let xAt = xr,
                yAt = yr;
              for (let k: i32 = 0; k < columns; k++, xAt += xStep, yAt += pixel) {
                a = f32x4.add(a, f32x4.mul(v128.load(xAt), v128.load(yAt)));
                b = f32x4.add(b, f32x4.mul(v128.load(xAt, 16), v128.load(yAt, 16)));
              }
            }
            v128.store(tap + at, a);
            v128.store(tap + at, b, 16);
          }
          for (; c < channels; c++) {
            const at = (<usize>c) << 2;
            tile1x1(x0 + at, y0 + at, tap + at, lastRow - firstRow, columns, xRow, yRow, xStep, pixel);
          }
        }
    }
}
