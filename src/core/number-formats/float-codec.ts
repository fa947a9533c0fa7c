import { largestOf, type FloatFormat } from './format';
import { clamp } from '../numerics/round';
import { nearest } from '../numerics/rounding';
import { bitText, type Codec, type GridSegment } from './codec';

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** floor(log2 |x|), exact for normal float64 numbers; −1023 for 0 and what is smaller. */
export function binaryExponent(x: number): number {
  double[0] = x;
  return ((words[1] >>> 20) & 0x7ff) - 1023;
}

/** Floating-point formats of up to 16 bits, by the definition in {@link FloatFormat}. */
export function floatCodec(format: FloatFormat): Codec {
  const { exponentBits, mantissaBits, bias, specials } = format;
  const bits = 1 + exponentBits + mantissaBits;
  const signBit = 2 ** (bits - 1);
  const topExponent = 2 ** exponentBits - 1;
  const topMantissa = 2 ** mantissaBits - 1;
  const lowestExponent = 1 - bias; // of normal numbers, and the scale of subnormal ones
  const largest = largestOf(format);
  const infinity = specials === 'ieee' ? topExponent * 2 ** mantissaBits : null;
  const nan = specials === 'none' ? null : signBit - 1; // all ones below the sign

  function magnitudeOf(pattern: number): number {
    const exponent = pattern >> mantissaBits;
    const mantissa = pattern & topMantissa;
    if (specials === 'ieee' && exponent === topExponent) return mantissa === 0 ? Infinity : NaN;
    if (specials === 'nan' && pattern === signBit - 1) return NaN;
    const fraction = mantissa / 2 ** mantissaBits;
    return exponent === 0 ? fraction * 2 ** lowestExponent : (1 + fraction) * 2 ** (exponent - bias);
  }

  /** Pattern, without sign, of a magnitude on the grid. */
  function patternOf(magnitude: number): number {
    const exponent = Math.max(binaryExponent(magnitude), lowestExponent);
    const steps = magnitude * 2 ** (mantissaBits - exponent); // with the leading one, unless subnormal
    return (exponent - lowestExponent) * 2 ** mantissaBits + steps;
  }

  return {
    bits,
    codes: () => Int32Array.from({ length: 2 ** bits }, (_, code) => code),
    decode: (code, { scale }) => (code >= signBit ? -1 : 1) * scale * magnitudeOf(code & (signBit - 1)),
    encode(value, { scale }, { rounding = nearest, overflow = 'saturate' } = {}) {
      const x = value / scale;
      if (Number.isNaN(x)) return nan ?? 0;
      const sign = x < 0 || Object.is(x, -0) ? signBit : 0;
      const exponent = clamp(binaryExponent(x), lowestExponent, 1023);
      const step = 2 ** (exponent - mantissaBits);
      const rounded = Number.isFinite(x) ? Math.abs(rounding(x / step) * step) : Infinity;
      if (rounded <= largest) return sign + patternOf(rounded);
      return sign + ((overflow === 'special' ? (infinity ?? nan) : null) ?? patternOf(largest));
    },
    fields: (code) => {
      const exponent = (code >> mantissaBits) & topExponent;
      const mantissa = code & topMantissa;
      const special = !Number.isFinite(magnitudeOf(code & (signBit - 1)));
      const power = exponent === 0 ? `2^${lowestExponent}, subnormal` : `2^${exponent - bias}`;
      const leading = exponent === 0 ? 0 : 1;
      return [
        { role: 'sign', bits: bitText(code >> (bits - 1), 1), meaning: code >= signBit ? '−' : '+' },
        { role: 'exponent', bits: bitText(exponent, exponentBits), meaning: special ? 'special' : power },
        {
          role: 'mantissa',
          bits: bitText(mantissa, mantissaBits),
          meaning: special
            ? mantissa === 0
              ? 'infinity'
              : 'not a number'
            : `${leading + mantissa / 2 ** mantissaBits}`,
        },
      ];
    },
    segments: segmentsOf(largest, lowestExponent, mantissaBits),
  };
}

/** Subnormals and the lowest normal binade share a step; then it doubles from binade to binade. */
function segmentsOf(largest: number, lowestExponent: number, mantissaBits: number): GridSegment[] {
  const positive: GridSegment[] = [];
  for (let start = 0, exponent = lowestExponent; start < largest; exponent++) {
    const end = Math.min(2 ** (exponent + 1), largest);
    positive.push({ start, end, step: 2 ** (exponent - mantissaBits) });
    start = end;
  }
  const negative = positive.map(({ start, end, step }) => ({ start: -end, end: -start + 0, step }));
  return [...negative.reverse(), ...positive];
}
