/** The standard normal distribution. */

export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** From here on the continued fraction converges faster than the series. */
const FAR = 3;

/** P(X > x), to float64's precision. */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  if (x > FAR) {
    // φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))), Laplace's continued fraction, from the inside out.
    let fraction = x;
    for (let k = 150; k >= 1; k--) fraction = x + k / fraction;
    return normalDensity(x) / fraction;
  }
  // ½ − φ(x) · (x + x³/3 + x⁵/(3·5) + …): all terms positive.
  let term = x;
  let sum = x;
  for (let k = 3; term > sum * 1e-17; k += 2) sum += term *= (x * x) / k;
  return 0.5 - normalDensity(x) * sum;
}
