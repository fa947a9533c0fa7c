import { floatFormat, floatRow } from './floats';
import type { FormatRow } from './row';

/** 8-bit floats as specified: E4M3FN and E5M2 by OCP (8-bit floating point 1.0), E4M3 and E3M4 with IEEE's special codes. */
export const FP8: readonly FormatRow[] = [
  floatRow(
    'fp8',
    'fp8-e4m3fn',
    'FP8 E4M3FN',
    floatFormat(4, 3, { specials: 'nan' }),
    'OCP FP8 for weights and activations: up to 448, no infinities, finer near zero than INT8.',
  ),
  floatRow(
    'fp8',
    'fp8-e5m2',
    'FP8 E5M2',
    floatFormat(5, 2, { specials: 'ieee' }),
    'OCP FP8 for gradients: the range of FP16 with 3 significant bits.',
  ),
  floatRow(
    'fp8',
    'fp8-e4m3',
    'FP8 E4M3 (IEEE)',
    floatFormat(4, 3, { specials: 'ieee' }),
    'E4M3 with infinities: the top exponent is given up, so it ends at 240.',
  ),
  floatRow(
    'fp8',
    'fp8-e3m4',
    'FP8 E3M4 (IEEE)',
    floatFormat(3, 4, { specials: 'ieee' }),
    'A mantissa bit more for an exponent bit less: fits distributions with moderate outliers.',
  ),
];
