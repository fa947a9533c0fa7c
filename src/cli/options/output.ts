import { ENCODINGS } from '../../core/exchange/table';
import { FORMS, formOf } from '../../core/exports/forms';
import { TARGETS } from '../../core/targets/table';
import { OTHER_RUNTIMES } from '../../jobs/contract/runtime-protocol';
import type { FileType, QuantSettings } from '../../core/quantize/settings';
import { VERIFY_BUDGET, type VerifyChoice } from '../../jobs/contract/verify-choice';
import { flag, oneOf, optional, repeated, text, whole, withDefault, type ValueReader, type ValuesOf } from './option';
import { UsageError } from './usage-error';

/** What a command that takes its time writes. */
export const REPORT_OPTIONS = {
  report: optional('FILE.json', 'write the report', text),
  quiet: flag('only errors'),
};

/** How much of the machine a command takes; what comes of it is the same in every bit. */
export const WORKER_OPTIONS = {
  workers: optional('N', 'threads that samples are divided over (one for each core)', whole(1)),
};

/** The report for people. */
export const HTML_OPTIONS = {
  html: optional('FILE.html', 'write the report as one page that opens anywhere', text),
};

const TARGET_IDS = TARGETS.map(({ id }) => id);

const FILE_TYPES: readonly FileType[] = ['int8', 'uint8', 'float32'];

/** "uint8" for all, "image=uint8" for one. */
export interface NamedType {
  readonly name?: string;
  readonly type: FileType;
}

function fileType(words: string, option: string): NamedType {
  const at = words.lastIndexOf('=');
  const type = oneOf(FILE_TYPES)(words.slice(at + 1), option);
  return at < 0 ? { type } : { name: words.slice(0, at), type };
}

function formId(words: string): string {
  if (formOf(words)) return words;
  throw new UsageError(`--form takes ${FORMS.map(({ id }) => id).join(', ')}; not "${words}".`);
}

/** The file that is made. */
export const FILE_OPTIONS = {
  io: withDefault('TYPE', 'int8 | uint8 | float32 inputs and outputs', oneOf(FILE_TYPES), 'int8'),
  cSource: optional('FILE.cc', 'write it as a C++ array as well, for TensorFlow Lite for Microcontrollers', text),
};

/** "full", "off" or a count. */
const verifyChoice: ValueReader<VerifyChoice> = (words, option) => {
  if (words === 'full' || words === 'off' || words === 'auto') return words;
  if (/^[1-9]\d*$/.test(words)) return Number(words);
  throw new UsageError(`${option} takes full, off, auto or a number of samples; not "${words}".`);
};

/** How much of the check is done. */
export const VERIFY_OPTIONS = {
  verify: withDefault(
    'full|N|off',
    `compare the file with the integer reference on all samples, on N, or leave out its check; auto: for ${VERIFY_BUDGET / 1000} s`,
    verifyChoice,
    'auto',
  ),
};

/** Where the file is to run. */
export const TARGET_OPTIONS = {
  target: repeated('ID', `check the file against ${TARGET_IDS.join(', ')}`, oneOf(TARGET_IDS)),
};

/** Whose answers the int8 file is compared with. */
export const RUNTIME_OPTIONS = {
  runtime: repeated(
    'ID',
    `count the answers that differ on another runtime: ${OTHER_RUNTIMES.join(', ')}; those of --target are among them`,
    oneOf(OTHER_RUNTIMES),
  ),
};

/** What a quantized model can leave as. */
export const FORM_OPTIONS = {
  form: repeated('ID', `the form of the file, or one more: ${FORMS.map(({ id }) => id).join(', ')}`, formId),
  ioIn: repeated('[NAME=]TYPE', 'the type of all inputs, or of the one that is named', fileType),
  ioOut: repeated('[NAME=]TYPE', 'the type of all outputs, or of the one that is named', fileType),
};

/** The last is no encoding: figures of layers, for Model Explorer. */
const ENCODINGS_FORMATS = [...ENCODINGS.map(({ id }) => id), 'node-data'];

/** What other tools read of scales and layers. */
export const ENCODINGS_OPTIONS = {
  encodingsOut: optional('FILE.json', 'write scales and zero points for other tools', text),
  encodingsFormat: withDefault('ID', ENCODINGS_FORMATS.join(' | '), oneOf(ENCODINGS_FORMATS), 'aimet'),
};

/** The settings for a model with these inputs and outputs. @throws UsageError for a name that none of them has */
export function withFileTypes(
  settings: QuantSettings,
  {
    inputs,
    outputs,
  }: { readonly inputs: readonly { readonly id: string }[]; readonly outputs: readonly { readonly id: string }[] },
  { ioIn, ioOut }: ValuesOf<typeof FORM_OPTIONS>,
): QuantSettings {
  const types = new Map<string, FileType>();
  const choose = (tensors: readonly { readonly id: string }[], choices: readonly NamedType[], end: string) => {
    for (const { name, type } of choices) {
      const meant = tensors.filter(({ id }) => name === undefined || id === name);
      if (meant.length === 0)
        throw new UsageError(`The model has no ${end} "${name}"; it has ${tensors.map(({ id }) => id).join(', ')}.`);
      for (const { id } of meant) types.set(id, type);
    }
  };
  choose(inputs, ioIn, 'input');
  choose(outputs, ioOut, 'output');
  return types.size === 0 ? settings : { ...settings, ioTensors: Object.fromEntries(types) };
}
