import { INT16_ACTIVATION, INT8_ACTIVATION, INT8_WEIGHT } from './format';
import type { FormatRow } from './row';

const NOTES: Readonly<Record<number, string>> = {
  2: 'for weights only, and only with training',
  4: 'half the size of INT8; weights per channel usually survive it, activations rarely',
  8: 'what int8 hardware and TensorFlow Lite run',
  16: 'with INT8 weights (16x8) for activations that need a wide range',
};

function integer(bits: number): FormatRow {
  const note = NOTES[bits] ? `: ${NOTES[bits]}` : '';
  return {
    id: `int${bits}`,
    family: 'integer',
    label: `INT${bits}`,
    bits,
    explain: `${2 ** bits} evenly spaced values${note}.`,
    weights: bits === 8 ? INT8_WEIGHT : { ...INT8_WEIGHT, bits },
    activations: bits === 8 ? INT8_ACTIVATION : bits === 16 ? INT16_ACTIVATION : { ...INT8_ACTIVATION, bits },
  };
}

/** Two's complement integers with a scale and, where asymmetric, a zero point. */
export const INTEGERS: readonly FormatRow[] = Array.from({ length: 15 }, (_, i) => integer(i + 2));
