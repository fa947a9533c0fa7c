/** A command: its options, what they amount to, and how it is run. */
import { Command, CommanderError, Option } from 'commander';
import type { Options, ValuesOf } from './option';
import { UsageError } from './usage-error';

export interface CommandRow<A = unknown> {
  readonly name: string;
  readonly summary: string;
  /** @throws UsageError saying which word is off; HelpAsked where the words ask for the help */
  parse(words: readonly string[]): A;
  /** Parses and runs. */
  start(words: readonly string[]): Promise<unknown>;
}

/** The words ask for the help of a command: nothing is to be run. */
export class HelpAsked extends Error {
  constructor(readonly text: string) {
    super(text);
  }
}

interface Definition<O extends Options, A> {
  readonly name: string;
  readonly summary: string;
  /** The one word besides options: MODEL in most commands. In brackets where it may be left out, and is then empty. */
  readonly argument: string;
  readonly options: O;
  /** What the help says below the options. */
  readonly notes?: string;
  readonly read: (argument: string, values: ValuesOf<O>) => A;
  /** Imports what it needs itself, so that --version and --help start at once. */
  readonly run: (args: A) => Promise<unknown>;
}

export function command<O extends Options, A>(definition: Definition<O, A>): CommandRow<A> {
  const { name, summary, run } = definition;
  const parse = (words: readonly string[]) => parsed(definition, words);
  return { name, summary, parse, start: async (words) => run(parse(words)) };
}

function parsed<O extends Options, A>(
  { name, summary, argument, options, notes = '', read }: Definition<O, A>,
  words: readonly string[],
): A {
  let help = '';
  const program = new Command(`rangefinder ${name}`)
    .description(summary)
    .usage(`${argument} [options]`)
    .argument(argument.startsWith('[') ? argument : `[${argument}]`)
    .allowExcessArguments()
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', notes && `\n${notes.trim()}\n`)
    .configureHelp({
      showGlobalOptions: false,
      visibleArguments: () => [],
      helpWidth: 120,
      optionDescription: (option) => option.description,
    })
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined })
    .exitOverride();
  for (const [key, row] of Object.entries(options)) {
    const option = `--${kebab(key)}`;
    const read = (text: string, before: unknown) => {
      if (text.startsWith('--')) throw new UsageError(`${option} lacks its value: "${text}" is an option.`);
      const value = row.read(text, option);
      return row.repeated ? [...(before as unknown[]), value] : value;
    };
    const added = new Option(row.value === null ? option : `${option} <${row.value}>`, row.help);
    if (row.value !== null) added.argParser(read);
    program.addOption(added.default(row.initial));
  }
  try {
    program.parse([...words], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (help !== '') throw new HelpAsked(help);
    throw new UsageError(sentence(thrown.message));
  }
  const [model = argument.startsWith('[') ? '' : undefined, ...others] = program.args;
  if (model === undefined) throw new UsageError(`${name} needs a ${argument}.`);
  if (others.length > 0) throw new UsageError(`"${others[0]}" is one argument too many.`);
  const values = program.opts();
  for (const [key, row] of Object.entries(options))
    if (row.required && values[key] === undefined)
      throw new UsageError(`${name} needs --${kebab(key)} ${row.value}: ${row.help}.`);
  return read(model, values as ValuesOf<O>);
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** "error: unknown option '--fast'" → "Unknown option '--fast'." */
function sentence(message: string): string {
  const words = message.replace(/^error: /, '');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
