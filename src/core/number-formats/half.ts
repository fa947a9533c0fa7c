import { floatFormat, floatRow } from './floats';
import type { FormatRow } from './row';

/** 16-bit floats; wide enough to be used without a scale. */
export const HALF: readonly FormatRow[] = [
  floatRow(
    'half',
    'fp16',
    'FP16',
    floatFormat(5, 10, { specials: 'ieee', scaled: false }),
    'IEEE half precision: 11 significant bits up to 65504; half the size of float32 at nearly no loss.',
  ),
  floatRow(
    'half',
    'bf16',
    'BF16',
    floatFormat(8, 7, { specials: 'ieee', scaled: false }),
    'The upper half of a float32: the same range with 8 significant bits.',
  ),
];
