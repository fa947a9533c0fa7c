/** Another sample rate by a polyphase filter, as scipy.signal.resample_poly designs it. */

/** Half the length of the filter, in values of the slower of the two rates. */
const HALF_LENGTH = 10;
/** Of the Kaiser window. */
const BETA = 5;

/** `from` and `to` in samples a second. */
export function resample(values: Float32Array, from: number, to: number): Float32Array {
  const divisor = greatestCommonDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  if (up === down) return values;
  const filter = lowPass(up, down);
  const half = (filter.length - 1) / 2;
  return Float32Array.from({ length: Math.ceil((values.length * up) / down) }, (_, n) => {
    // Output n lies at n·down on the grid of both rates, input k at k·up.
    const place = n * down;
    const last = Math.min(values.length - 1, Math.floor((place + half) / up));
    let sum = 0;
    for (let k = Math.max(0, Math.ceil((place - half) / up)); k <= last; k++)
      sum += values[k] * filter[place - k * up + half];
    return sum;
  });
}

/** A windowed sinc that sums to `up`, the gain that filling up with zeros takes away. */
function lowPass(up: number, down: number): Float64Array {
  const slower = Math.max(up, down);
  const half = HALF_LENGTH * slower;
  const scale = bessel(BETA);
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = i - half;
    const sinc = x === 0 ? 1 : Math.sin((Math.PI * x) / slower) / ((Math.PI * x) / slower);
    return (sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - (x / half) ** 2)))) / scale;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => (tap * up) / sum);
}

/** Modified Bessel function of the first kind and of order 0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) sum += term *= (x / 2 / k) ** 2;
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
