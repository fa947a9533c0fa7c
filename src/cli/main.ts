import { toErrorInfo } from '../base/errors';
import { printable } from '../base/printable';
import { commandOf } from './command-line';
import { HelpAsked } from './options/command';
import { sizesAsked } from './options/sizes';
import { UsageError } from './options/usage-error';

/** Exit codes: 0 done, 1 bad input, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { row, words } = commandOf(argv);
    const code = await row.start(words);
    return typeof code === 'number' ? code : 0;
  } catch (thrown) {
    if (thrown instanceof HelpAsked) {
      process.stdout.write(thrown.text);
      return 0;
    }
    if (thrown instanceof UsageError) {
      process.stderr.write(`rangefinder: ${printable(thrown.message)}\nTry: rangefinder --help\n`);
      return 2;
    }
    const { message, where, hint, details, openSizes } = toErrorInfo(thrown);
    const lines = [`rangefinder: ${message}`, where && `  where: ${where}`, ...(details ?? []).map((d) => `  – ${d}`)];
    process.stderr.write(
      printable(
        [...lines, hint && `  next: ${hint}`, openSizes && `  with: ${sizesAsked(openSizes)}`]
          .filter(Boolean)
          .join('\n'),
      ) + '\n',
    );
    return 1;
  }
}
