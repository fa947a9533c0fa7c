/** What a finding's fix, words of the command line, changes: the settings, or the form of the file. */
import { formatOf } from '../number-formats/table';
import type { FileType, QuantSettings } from '../quantize/settings';
import type { Fix } from './target';

interface Fixed {
  readonly settings: QuantSettings;
  /** The row of the table of forms that the fix asks for; absent where it is about the settings. */
  readonly form?: string;
}

/** One option of the command line, and what it does to settings. */
const EFFECTS: Readonly<Record<string, (value: string, settings: QuantSettings) => Fixed>> = {
  '--form': (form, settings) => ({ settings, form }),
  '--io': (type, { ioTensors: _dropped, ...settings }) => ({ settings: { ...settings, io: type as FileType } }),
  '--granularity': (value, settings) => ({
    settings: { ...settings, weights: { ...settings.weights, granularity: value === 'tensor' ? 'tensor' : 'channel' } },
  }),
  '--weight-bits': (bits, settings) => ({
    settings: { ...settings, weights: withFormat(settings.weights, bits) },
  }),
  '--activation-bits': (bits, settings) => ({
    settings: { ...settings, activations: withFormat(settings.activations, bits) },
  }),
};

/** The eight bits that are meant where no format is named. */
function withFormat<T extends { readonly format?: string }>({ format: _dropped, ...rest }: T, bits: string) {
  const id = `int${bits}`;
  return bits === '8' || !formatOf(id) ? rest : { ...rest, format: id };
}

/** @throws Error for an option that no fix of the table of targets has */
export function applyFix(settings: QuantSettings, { options }: Fix): Fixed {
  let fixed: Fixed = { settings };
  for (let i = 0; i < options.length; i += 2) {
    const effect = EFFECTS[options[i]];
    if (!effect) throw new Error(`no effect for ${options[i]}`);
    fixed = { ...fixed, ...effect(options[i + 1], fixed.settings) };
  }
  return fixed;
}
