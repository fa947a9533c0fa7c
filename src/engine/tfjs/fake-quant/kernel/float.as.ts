// @ts-nocheck: AssemblyScript, compiled by scripts/build-kernel.mjs into float.generated.ts.
// Rounding to small floats on the memory of tfjs' wasm backend, bit for bit what core/numerics/formats/rounders.ts computes.

/** The exponent field of a float32. */
const FIELD: i32 = 0x7f800000;
/** Adding 1.5 · 2^k rounds a float32 below 2^(k − 1) to multiples of 2^(k − 23), ties to even. */
const HALF: i32 = 0x400000;

/**
 * out = scale · nearest float of x / scale, of magnitude `largest` at most. Keeps NaN.
 * @param lowest exponent field of the smallest normal number, below which steps no longer shrink
 * @param shift (23 − mantissa bits) << 23: from a value's exponent to that of what rounds it
 */
export function roundToFloat(x: usize, out: usize, n: i32, scale: f32, largest: f32, lowest: i32, shift: i32): void {
  const scales = v128.splat<f32>(scale);
  const highs = v128.splat<f32>(largest);
  const lows = v128.splat<f32>(-largest);
  const fields = v128.splat<i32>(FIELD);
  const lowests = v128.splat<i32>(lowest << 23);
  const shifts = v128.splat<i32>(shift | HALF);
  let i: i32 = 0;
  for (; i + 4 <= n; i += 4) {
    const at = (<usize>i) << 2;
    const u = f32x4.pmax(f32x4.pmin(f32x4.div(v128.load(x + at), scales), highs), lows);
    const field = i32x4.max_s(v128.and(u, fields), lowests);
    const rounder = i32x4.add(field, shifts);
    v128.store(out + at, f32x4.mul(f32x4.sub(f32x4.add(u, rounder), rounder), scales));
  }
  for (; i < n; i++) {
    const at = (<usize>i) << 2;
    const quotient = load<f32>(x + at) / scale;
    const u = quotient > largest ? largest : quotient < -largest ? -largest : quotient;
    const field = max(reinterpret<i32>(u) & FIELD, lowest << 23);
    const rounder = reinterpret<f32>(field + (shift | HALF));
    store<f32>(out + at, (u + rounder - rounder) * scale);
  }
}
