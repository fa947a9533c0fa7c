/** OCP Microscaling (MX) 1.0: blocks of 32 values share a power of two, an E8M0. */
import { largestOf, type BlockFormat, type FloatFormat, type IntFormat } from './format';
import { binaryExponent } from './float-codec';
import { floatFormat } from './floats';
import type { FormatRow } from './row';

const SIZE = 32;
const SHARED_BITS = 8;

/** E8M0: the exponent plus 127; no sign, no zero, no infinity. */
export const E8M0 = { bias: 127, largest: 127, nan: 0xff } as const;

/** The power of two that an E8M0 code stands for; NaN for 0xFF. */
export function decodeE8M0(code: number): number {
  return code === E8M0.nan ? NaN : 2 ** (code - E8M0.bias);
}

/** floor(log2 max|block|) − the element's largest exponent, within what E8M0 holds; the least for a block of zeros. */
export function sharedExponent(largestMagnitude: number, { largestExponent }: BlockFormat): number {
  if (!(largestMagnitude > 0)) return -E8M0.largest;
  return Math.min(E8M0.largest, Math.max(-E8M0.largest, binaryExponent(largestMagnitude) - largestExponent));
}

function row(id: string, label: string, block: BlockFormat, bits: number, explain: string): FormatRow {
  return {
    id,
    family: 'microscaling',
    label,
    bits: bits + SHARED_BITS / SIZE,
    explain,
    weights: block,
    activations: block,
  };
}

function float(id: string, label: string, element: FloatFormat, explain: string): FormatRow {
  const largestExponent = binaryExponent(largestOf(element));
  const block: BlockFormat = { kind: 'block', size: SIZE, element, unit: 1, largestExponent };
  return row(id, label, block, 1 + element.exponentBits + element.mantissaBits, explain);
}

/** −128 is left out, so that the grid is symmetric: the specification leaves that open. */
const INT8: IntFormat = { kind: 'int', bits: 8, symmetric: true, narrow: true };
const MXINT8: BlockFormat = { kind: 'block', size: SIZE, element: INT8, unit: 2 ** -6, largestExponent: 0 };

export const MICROSCALING: readonly FormatRow[] = [
  row('mxint8', 'MXINT8', MXINT8, 8, 'INT8 with a scale for every 32 values: the finest of the MX formats.'),
  float(
    'mxfp8-e4m3',
    'MXFP8 E4M3',
    floatFormat(4, 3, { specials: 'nan' }),
    'E4M3 with a scale for every 32 values, chosen by the largest of them: no calibration.',
  ),
  float(
    'mxfp8-e5m2',
    'MXFP8 E5M2',
    floatFormat(5, 2, { specials: 'ieee' }),
    'E5M2 in blocks of 32: more range than a block needs.',
  ),
  float('mxfp6-e2m3', 'MXFP6 E2M3', floatFormat(2, 3), 'Six bits in blocks of 32, about as exact as MXFP8 E4M3.'),
  float('mxfp6-e3m2', 'MXFP6 E3M2', floatFormat(3, 2), 'Six bits in blocks of 32 with the wider range.'),
  float(
    'mxfp4',
    'MXFP4',
    floatFormat(2, 1),
    'Four bits in blocks of 32, 4.25 bits a value: for weights of large models.',
  ),
];
