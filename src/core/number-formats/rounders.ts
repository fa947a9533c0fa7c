/** Rounding runs of values to a grid in place: the inner loop of simulated formats and of training, some nanoseconds a value. */
import { codeRange, largestOf, type NumberFormat } from './format';

/** Rounds values[start … end) to the nearest of scale · grid, ties to even; beyond its ends to those. Keeps NaN. */
export type RoundRun = (values: Float32Array, start: number, end: number, scale: number) => void;

/** Adding and subtracting 1.5 · 2^52 rounds a double of magnitude below 2^51 to an integer, ties to even. */
const ROUNDER = 6755399441055744;

const single = new Float32Array(1);
const pattern = new Uint32Array(single.buffer);

/** Quotients are float32's, as in the wasm kernels. */
const ROUNDERS: { readonly [K in NumberFormat['kind']]: (format: Extract<NumberFormat, { kind: K }>) => RoundRun } = {
  int: (format) => {
    const { qmin, qmax } = codeRange(format);
    return (values, start, end, scale) => {
      for (let i = start; i < end; i++) {
        const q = Math.fround(values[i] / scale) + ROUNDER - ROUNDER;
        values[i] = Math.min(Math.max(q, qmin), qmax) * scale;
      }
    };
  },
  float: (format) => {
    const largest = largestOf(format);
    // By exponent field of the float32 quotient: what leaves multiples of its last mantissa bit.
    const rounders = Float64Array.from({ length: 256 }, (_, field) => {
      const exponent = Math.max(field - 127, 1 - format.bias);
      return ROUNDER * 2 ** (exponent - format.mantissaBits);
    });
    return (values, start, end, scale) => {
      for (let i = start; i < end; i++) {
        const quotient = (single[0] = values[i] / scale);
        const rounder = rounders[(pattern[0] >>> 23) & 255];
        const rounded = Math.fround(quotient) + rounder - rounder;
        values[i] = Math.min(Math.max(rounded, -largest), largest) * scale;
      }
    };
  },
};

const made = new WeakMap<NumberFormat, RoundRun>();

export function rounderOf(format: NumberFormat): RoundRun {
  let rounder = made.get(format);
  if (!rounder) made.set(format, (rounder = (ROUNDERS[format.kind] as (format: NumberFormat) => RoundRun)(format)));
  return rounder;
}
