import { floatFormat, floatRow } from './floats';
import type { FormatRow } from './row';

/**
 * FP8 whose exponent bias is a real number that follows from the clip value: b = 2^E − log2(maxval) + log2(2 − 2^−M) − 1,
 * with every code a number (van Baalen et al., "FP8 versus INT8", and Kuzmin et al., "FP8 Quantization: The Power of the
 * Exponent", 2022). A real bias is the same grid as a real scale, maxval over the largest value, and that is how it is
 * computed here; {@link flexibleBias} gives the bias for people.
 */
export const FLEXIBLE: readonly FormatRow[] = [
  flexible(2, 5, 'Nearly INT8, with steps twice as fine in the inner half: best for bell-shaped values.'),
  flexible(3, 4, 'Finer near zero than E2M5, coarser at the ends: stands heavier tails.'),
  flexible(4, 3, 'Errs by about 3 % of each value wherever it lies: hardly cares about outliers or the clip.'),
  flexible(5, 2, 'Errs by about 6 % of each value over 9 decades: for gradients rather than weights.'),
];

function flexible(exponentBits: number, mantissaBits: number, explain: string): FormatRow {
  const name = `E${exponentBits}M${mantissaBits}`;
  const format = floatFormat(exponentBits, mantissaBits);
  return floatRow('flexible', `flex-${name.toLowerCase()}`, `${name}, flexible bias`, format, explain);
}

/** The exponent bias that puts the largest of all codes at `maxval`. */
export function flexibleBias(exponentBits: number, mantissaBits: number, maxval: number): number {
  return 2 ** exponentBits - Math.log2(maxval) + Math.log2(2 - 2 ** -mantissaBits) - 1;
}
