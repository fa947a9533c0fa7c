// @ts-nocheck: AssemblyScript, compiled by scripts/build-kernel.mjs into gradients.generated.ts.
// What a training step spends its time on, on the memory of tfjs' wasm backend: addresses are byte offsets into it, arrays
// are float32, NHWC. Nothing is allocated here.
export { convFilterGradient, depthwiseFilterGradient } from './filters.as';

/** Elements summed in float32 before they are added to a float64. */
const CHUNK: i32 = 1024;

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
