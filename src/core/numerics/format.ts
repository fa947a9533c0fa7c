/** An integer grid: what a quantizer rounds to. Other number formats join this union as files of their own. */
export interface IntFormat {
  readonly kind: 'int';
  readonly bits: number;
  /** Symmetric grids have zeroPoint 0. */
  readonly symmetric: boolean;
  /** Narrow range leaves out the lowest code: int8 becomes −127..127. */
  readonly narrow: boolean;
}

export type NumberFormat = IntFormat;

export const INT8_ACTIVATION: IntFormat = { kind: 'int', bits: 8, symmetric: false, narrow: false };
export const INT8_WEIGHT: IntFormat = { kind: 'int', bits: 8, symmetric: true, narrow: true };

/** Smallest and largest code of a signed grid. */
export function codeRange(format: IntFormat): { qmin: number; qmax: number } {
  const qmax = 2 ** (format.bits - 1) - 1;
  return { qmin: format.narrow ? -qmax : -qmax - 1, qmax };
}
