/** Whatever file says how to quantize a model: our settings, a recipe, or encodings. */
import { RangefinderError } from '../../base/errors';
import type { Graph } from '../graph/graph';
import { parseJsonText } from '../model-formats/json';
import { settingsSchema } from '../quantize/settings-schema';
import type { QuantSettings } from '../quantize/settings';
import { isRecipe, readRecipe } from './recipe';
import { withEncodings } from './settings-of-encodings';
import { ENCODINGS } from './table';

export interface Exchanged {
  readonly settings: QuantSettings;
  /** What the file was, in words: "recipe, 3 rules". */
  readonly inWords: string;
  /** What of it has no counterpart, in words. */
  readonly left: readonly string[];
}

/**
 * The settings with what the file says. Our own, in a report or alone, take their place; rules of a recipe come before
 * those that are there, so that the latter win; encodings are about single tensors, and win over both.
 *
 * @param graph normalized
 * @throws RangefinderError 'unknown-format', 'corrupt-file', 'invalid-settings'; 'unsupported-feature' from recipes
 */
export function withExchanged(settings: QuantSettings, text: string, fileName: string, graph: Graph): Exchanged {
  const value = parsed(text, fileName);
  if (isRecipe(value)) {
    const { rules, left } = readRecipe(value);
    const all = [...rules, ...(settings.rules ?? [])];
    return { settings: { ...settings, rules: all }, inWords: `recipe, ${rules.length} rules`, left };
  }
  if (typeof value !== 'object' || value === null) throw unknown(fileName);
  const own = 'generator' in value && 'settings' in value ? value.settings : value;
  if (isSettings(own)) return { settings: ownSettings(own, settings, fileName), inWords: 'settings', left: [] };
  const row = ENCODINGS.find(({ is }) => is(value));
  if (!row) throw unknown(fileName);
  const { taken, left, settings: changed } = withEncodings(settings, row.read(value), graph);
  return { settings: changed, inWords: `${row.title} of ${taken} tensors`, left };
}

function isSettings(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'weights' in value && 'activations' in value;
}

function ownSettings(value: unknown, { rules = [] }: QuantSettings, fileName: string): QuantSettings {
  const read = settingsSchema.safeParse(value);
  if (read.success)
    return rules.length > 0 ? { ...read.data, rules: [...(read.data.rules ?? []), ...rules] } : read.data;
  const [issue] = read.error.issues;
  throw new RangefinderError({
    code: 'invalid-settings',
    message: `The settings in it cannot be used: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
    where: fileName,
    hint: 'They may be of a newer Rangefinder, or were changed by hand.',
  });
}

function parsed(text: string, fileName: string): unknown {
  try {
    return parseJsonText(text);
  } catch (cause) {
    throw new RangefinderError(
      {
        code: 'corrupt-file',
        message: 'The JSON in it is cut off or damaged.',
        where: fileName,
        hint: 'Save it again.',
      },
      { cause },
    );
  }
}

function unknown(fileName: string): RangefinderError {
  return new RangefinderError({
    code: 'unknown-format',
    message: 'The file is neither a recipe, nor encodings, nor settings.',
    where: fileName,
    hint: `Give a recipe of litert-quantizer, ${ENCODINGS.map(({ title }) => title).join(', ')}, or a report of Rangefinder.`,
  });
}
