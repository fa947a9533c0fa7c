/** 2^52: from here on, float64 has no fraction bits, so adding and subtracting it rounds by the default mode of IEEE 754. */
const NO_FRACTION = 2 ** 52;

/** Nearest integer, ties to even (roundTiesToEven). Infinities and NaN pass through. */
export function roundHalfToEven(x: number): number {
  if (x >= 0) return x < NO_FRACTION ? x + NO_FRACTION - NO_FRACTION : x;
  return x > -NO_FRACTION ? x - NO_FRACTION + NO_FRACTION : x;
}

/** Nearest integer, ties away from zero: C's round(), which TensorFlow's converter uses. */
export function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  // The difference is exact; adding 0.5 first would not be (0.49999999999999994 would become 1).
  return (Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole) + 0; // no negative zero
}

export function clamp(x: number, min: number, max: number): number {
  return x < min ? min : x > max ? max : x;
}
