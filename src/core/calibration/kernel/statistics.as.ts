// @ts-nocheck: AssemblyScript, compiled by scripts/build-kernel.mjs into kernel.generated.ts.
// One block of float32 at a time: extrema and moments in one pass, bins in a second one. scalar.ts says the same in
// TypeScript; both must stay equal, which kernel.test.ts checks.

const BLOCK: i32 = 8192;
const BINS: i32 = 2048;
const LANES: i32 = 4;

/** Room for the values and for padding the last vector. */
const VALUES: usize = memory.data(32784, 16);
/** Four tables of counts, one per lane: equal neighbours, as ReLU leaves them, do not wait for each other. */
const TABLES: usize = memory.data(32768, 16);
const COUNTS: usize = memory.data(8192, 16);
const SUMMARY: usize = memory.data(40, 16);

export function valuesAt(): usize {
  return VALUES;
}

export function countsAt(): usize {
  return COUNTS;
}

/** min, max, Σ(x − first), Σ(x − first)², number of zeros; as float64. */
export function summaryAt(): usize {
  return SUMMARY;
}

/** Completes the last vector with copies of the first value: they change neither extrema nor sums of differences. */
function pad(n: i32): void {
  const first = load<f32>(VALUES);
  for (let i = n; i < n + LANES; i++) store<f32>(VALUES + ((<usize>i) << 2), first);
}

/** Summarizes the first n ≥ 1 values. Returns 0 where one of them is NaN or infinite: then the summary is void. */
export function scan(n: i32): i32 {
  pad(n);
  const first = v128.splat<f32>(load<f32>(VALUES));
  const shift = v128.splat<f64>(<f64>load<f32>(VALUES));
  const infinity = v128.splat<f32>(f32.MAX_VALUE);
  let low = first;
  let high = first;
  let finite = v128.splat<i32>(-1);
  let zeros = v128.splat<i32>(0);
  const zero = v128.splat<f32>(0);
  let sumA = v128.splat<f64>(0);
  let sumB = v128.splat<f64>(0);
  let squaresA = v128.splat<f64>(0);
  let squaresB = v128.splat<f64>(0);
  const end = VALUES + ((<usize>n) << 2);
  for (let at = VALUES; at < end; at += 16) {
    const x = v128.load(at);
    low = f32x4.pmin(low, x);
    high = f32x4.pmax(high, x);
    finite = v128.and(finite, f32x4.le(f32x4.abs(x), infinity));
    zeros = i32x4.sub(zeros, f32x4.eq(x, zero));
    const a = f64x2.sub(f64x2.promote_low_f32x4(x), shift);
    const b = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3)), shift);
    sumA = f64x2.add(sumA, a);
    sumB = f64x2.add(sumB, b);
    squaresA = f64x2.add(squaresA, f64x2.mul(a, a));
    squaresB = f64x2.add(squaresB, f64x2.mul(b, b));
  }
  const sums = f64x2.add(sumA, sumB);
  const squares = f64x2.add(squaresA, squaresB);
  low = f32x4.pmin(low, v128.shuffle<i32>(low, low, 2, 3, 0, 1));
  high = f32x4.pmax(high, v128.shuffle<i32>(high, high, 2, 3, 0, 1));
  store<f64>(SUMMARY, <f64>min(f32x4.extract_lane(low, 0), f32x4.extract_lane(low, 1)));
  store<f64>(SUMMARY, <f64>max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)), 8);
  store<f64>(SUMMARY, f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1), 16);
  store<f64>(SUMMARY, f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1), 24);
  let zeroCount =
    i32x4.extract_lane(zeros, 0) +
    i32x4.extract_lane(zeros, 1) +
    i32x4.extract_lane(zeros, 2) +
    i32x4.extract_lane(zeros, 3);
  if (load<f32>(VALUES) == 0) zeroCount -= -n & (LANES - 1); // the padding
  store<f64>(SUMMARY, <f64>zeroCount, 32);
  return i32(v128.all_true<i32>(finite));
}

function count(table: i32, bin: u32): void {
  const at = TABLES + ((<usize>table) << 13) + ((<usize>bin) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Counts the first n values: bin = floor(x · inverseWidth) − origin. All values lie inside the grid, so that the bin as
 * float32 is exact; adding 2^23 moves it into the low bits.
 */
export function bin(n: i32, inverseWidth: f32, origin: f32): void {
  const inverse = v128.splat<f32>(inverseWidth);
  const from = v128.splat<f32>(origin);
  const toBits = v128.splat<f32>(8388608);
  const mask = v128.splat<i32>(BINS - 1);
  const whole = n & ~3;
  const end = VALUES + ((<usize>whole) << 2);
  for (let at = VALUES; at < end; at += 16) {
    const index = f32x4.sub(f32x4.floor(f32x4.mul(v128.load(at), inverse)), from);
    const bins = v128.and(f32x4.add(index, toBits), mask);
    const a = i64x2.extract_lane(bins, 0);
    const b = i64x2.extract_lane(bins, 1);
    count(0, <u32>a);
    count(1, <u32>(a >> 32));
    count(2, <u32>b);
    count(3, <u32>(b >> 32));
  }
  for (let i = whole; i < n; i++) {
    const x = load<f32>(VALUES + ((<usize>i) << 2));
    count(0, (<u32>(floor<f32>(x * inverseWidth) - origin)) & (BINS - 1));
  }
}

/** Adds the four tables up into COUNTS and clears them. */
export function flush(): void {
  const zero = v128.splat<i32>(0);
  for (let at: usize = 0; at < 8192; at += 16) {
    const a = TABLES + at;
    const sum = i32x4.add(
      i32x4.add(v128.load(a), v128.load(a, 8192)),
      i32x4.add(v128.load(a, 16384), v128.load(a, 24576)),
    );
    v128.store(COUNTS + at, sum);
    v128.store(a, zero);
    v128.store(a, zero, 8192);
    v128.store(a, zero, 16384);
    v128.store(a, zero, 24576);
  }
}
