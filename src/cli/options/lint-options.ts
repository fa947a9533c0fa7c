/** The grammar of `rangefinder lint`. */
import type { Budget } from '../../core/targets/target';
import { command } from './command';
import { oneOf, optional, whole, withDefault } from './option';
import { TARGET_OPTIONS } from './output';
import { UsageError } from './usage-error';

export interface LintArgs {
  readonly file: string;
  /** Ids of targets, at least one. */
  readonly targets: readonly string[];
  readonly format: 'text' | 'json' | 'sarif';
  readonly budget: Budget;
}

export const LINT = command({
  name: 'lint',
  summary: 'Checks a .tflite against the targets it is to run on; exit code 1 where one refuses it.',
  argument: 'FILE',
  options: {
    ...TARGET_OPTIONS,
    format: withDefault('F', 'text | json | sarif, on standard output', oneOf(['text', 'json', 'sarif']), 'text'),
    flash: optional('BYTES', 'what the device has for the file', whole(1)),
    arena: optional('BYTES', 'what the device has for activations', whole(1)),
  },
  read: (file, { target, format, flash, arena }): LintArgs => {
    if (target.length === 0) throw new UsageError('lint needs --target ID, and takes it again for more.');
    const budget = {
      ...(flash !== undefined && { flashBytes: flash }),
      ...(arena !== undefined && { arenaBytes: arena }),
    };
    return { file, targets: target, format, budget };
  },
  run: async (args) => (await import('../commands/lint')).lintFile(args),
});
