/** IEEE 754 binary16, as float16 weights are stored. */

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The float32 with the value of a binary16 pattern; exact. NaN payloads are kept. */
export function halfToFloat(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return (sign ? -1 : 1) * fraction * 2 ** -24; // zero and subnormals
  bits[0] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  return float[0];
}

/** The nearest binary16 pattern, ties to even; overflows to infinity. `value` is rounded to float32 first. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = bits[0] & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN, made quiet
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520, half way between 65504 and 2^16, and above
  if (magnitude < 0x38800000) {
    // Below 2^-14 the result is a multiple of 2^-24: in float64, adding 2^28 leaves exactly those.
    return sign | ((Math.abs(float[0]) + 2 ** 28 - 2 ** 28) * 2 ** 24);
  }
  // Rebias the exponent, then round the 13 dropped bits to even; a carry into the exponent is what is wanted.
  const rebiased = magnitude - (112 << 23);
  return sign | ((rebiased + 0xfff + ((rebiased >> 13) & 1)) >> 13);
}

/** float16 constants widened; `source` holds one pattern per element. */
export function widenHalf(source: Uint16Array): Float32Array {
  const widened = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) widened[i] = halfToFloat(source[i]);
  return widened;
}
