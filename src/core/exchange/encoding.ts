/** What all files of encodings have in common: the grid of each tensor, by its name. */
import { RangefinderError } from '../../base/errors';

/** real = scale × (code − zeroPoint); codes are signed, −2^(bits−1) … 2^(bits−1) − 1, whatever sign the file gives them. */
export interface Encoding {
  readonly tensor: string;
  readonly bits: number;
  /** One for all values or one a channel; empty where the file says the bits alone. */
  readonly scale: readonly number[];
  /** As many as scales. */
  readonly zeroPoint: readonly number[];
  /** The dimension of the channels; absent where there is one scale, or the file leaves it to the operator. */
  readonly axis?: number;
}

/** What was read, and what of it has no counterpart here, in words. */
export interface Encodings {
  readonly encodings: readonly Encoding[];
  readonly left: readonly string[];
}

/** What has to be added to an unsigned code to make it a signed one. */
export const signedShift = (bits: number) => -(2 ** (bits - 1));

export function damaged(format: string, why: string): RangefinderError {
  return new RangefinderError({
    code: 'corrupt-file',
    message: `This file of ${format} cannot be read: ${why}.`,
    hint: 'Write it again with the tool it comes from.',
  });
}

/** @throws RangefinderError where scales and zero points do not go together or are no grid */
export function checkedEncoding(format: string, encoding: Encoding): Encoding {
  const { tensor, bits, scale, zeroPoint } = encoding;
  const fail = (why: string) => damaged(format, `"${tensor.slice(0, 200)}" ${why}`);
  if (!Number.isInteger(bits) || bits < 2 || bits > 32) throw fail(`has codes of ${bits} bits`);
  if (scale.length !== zeroPoint.length) throw fail(`has ${scale.length} scales and ${zeroPoint.length} zero points`);
  if (scale.some((s) => !Number.isFinite(s) || s <= 0)) throw fail('has a scale that is no positive number');
  const limit = 2 ** (bits - 1);
  if (zeroPoint.some((zero) => !Number.isInteger(zero) || zero < -limit || zero >= limit))
    throw fail('has a zero point that is none of its codes');
  return encoding;
}
