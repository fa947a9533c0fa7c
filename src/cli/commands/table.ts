/** Every command, in the order of the help. */
import type { CommandRow } from '../options/command';
import { DIAGNOSE } from '../options/diagnose-options';
import { INSPECT } from '../options/inspect-options';
import { LINT } from '../options/lint-options';
import { OPEN } from '../options/open-options';
import { QAT } from '../options/qat-options';
import { QUANTIZE } from '../options/quantize-options';
import { SWEEP, SWEEP_REPORT, WORK } from '../options/sweep-options';

export const COMMANDS: readonly CommandRow[] = [
  INSPECT,
  QUANTIZE,
  QAT,
  DIAGNOSE,
  LINT,
  OPEN,
  SWEEP,
  SWEEP_REPORT,
  WORK,
];
