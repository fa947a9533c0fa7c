/** Which command the words ask for. Wrong words are a usage error (exit 2), never a stack trace. */
import manifest from '../../package.json';
import { COMMANDS } from './commands/table';
import { HelpAsked, type CommandRow } from './options/command';
import { UsageError } from './options/usage-error';

const NAMES = COMMANDS.map(({ name }) => name);
const WIDTH = Math.max(...NAMES.map((name) => name.length)) + 2;

export const USAGE = `rangefinder – quantization of neural networks, measured on the file you ship

Usage: rangefinder COMMAND MODEL [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(WIDTH)}${summary}`).join('\n')}

  --version   print the version
  --help      print this help; rangefinder COMMAND --help prints the options of a command

MODEL is a .tflite, an .onnx, a Keras .keras or .h5, or a TF.js model.json (or a folder or zip holding one).

Exit codes: 0 done, 1 bad input, 2 wrong usage.
`;

/**
 * The command and the words that it gets. Options may stand before its name, too.
 * @throws UsageError for a command there is not; HelpAsked for the help or the version
 */
export function commandOf(argv: readonly string[]): { readonly row: CommandRow; readonly words: readonly string[] } {
  const [first] = argv;
  const at = first?.startsWith('-') ? argv.findIndex((word) => NAMES.includes(word)) : 0;
  // Of names the longest: `sweep report` is a command, and no plan that is called report.
  for (const length of [2, 1]) {
    const row = COMMANDS.find(({ name }) => name === argv.slice(at, at + length).join(' '));
    if (row) return { row, words: argv.toSpliced(at, length) };
  }
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') throw new HelpAsked(USAGE);
  if (argv.includes('--version')) throw new HelpAsked(`${manifest.version}\n`);
  if (first === undefined || first.startsWith('-')) throw new UsageError(`Say what to do: ${NAMES.join(', ')}.`);
  throw new UsageError(`There is no command "${first}".`);
}
