/** How the files of floating-point families make their rows. */
import type { FloatFormat } from './format';
import type { FormatFamily, FormatRow } from './row';

export function ieeeLikeBias(exponentBits: number): number {
  return 2 ** (exponentBits - 1) - 1;
}

/** A format of `1 + exponentBits + mantissaBits` bits; by default with IEEE's bias and without special codes. */
export function floatFormat(
  exponentBits: number,
  mantissaBits: number,
  rest: Partial<Omit<FloatFormat, 'kind' | 'exponentBits' | 'mantissaBits'>> = {},
): FloatFormat {
  const bias = ieeeLikeBias(exponentBits);
  return { kind: 'float', exponentBits, mantissaBits, bias, specials: 'none', scaled: true, symmetric: true, ...rest };
}

export function floatRow(
  family: FormatFamily,
  id: string,
  label: string,
  format: FloatFormat,
  explain: string,
): FormatRow {
  const bits = 1 + format.exponentBits + format.mantissaBits;
  return { id, family, label, bits, explain, weights: format, activations: format };
}
