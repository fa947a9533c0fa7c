import { floatFormat, floatRow } from './floats';
import type { FormatRow } from './row';

/** FP6 and FP4 of OCP Microscaling 1.0, here with one scale for a tensor or channel. All codes are numbers. */
export const SMALL_FLOATS: readonly FormatRow[] = [
  floatRow(
    'small-float',
    'fp6-e2m3',
    'FP6 E2M3',
    floatFormat(2, 3),
    'Six bits with the finer steps: up to 7.5 times the scale.',
  ),
  floatRow(
    'small-float',
    'fp6-e3m2',
    'FP6 E3M2',
    floatFormat(3, 2),
    'Six bits with the wider range: up to 28 times the scale.',
  ),
  floatRow(
    'small-float',
    'fp4-e2m1',
    'FP4 E2M1',
    floatFormat(2, 1),
    'Fifteen values, 0 to ±6 times the scale: closer together near zero than INT4.',
  ),
];
