import { parse, type Args } from './options/quantize-options';
import { toErrorInfo } from '../base/errors';
import { diagnose } from './commands/diagnose';
import { inspect } from './commands/inspect';
import { qat } from './commands/qat';
import { quantize } from './commands/quantize';
import { sizesAsked } from './options/sizes';
import { UsageError } from './options/usage-error';

async function run(args: Args): Promise<void> {
  if (args.command === 'help') process.stdout.write(args.text);
  else if (args.command === 'inspect') await inspect(args);
  else if (args.command === 'qat') await qat(args);
  else if (args.command === 'diagnose') await diagnose(args);
  else await quantize(args);
}

/** Exit codes: 0 done, 1 bad input, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await run(parse(argv));
    return 0;
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      process.stderr.write(`rangefinder: ${thrown.message}\nTry: rangefinder --help\n`);
      return 2;
    }
    const { message, where, hint, details, openSizes } = toErrorInfo(thrown);
    const lines = [`rangefinder: ${message}`, where && `  where: ${where}`, ...(details ?? []).map((d) => `  – ${d}`)];
    process.stderr.write(
      [...lines, hint && `  next: ${hint}`, openSizes && `  with: ${sizesAsked(openSizes)}`]
        .filter(Boolean)
        .join('\n') + '\n',
    );
    return 1;
  }
}
