import { lookup } from '../../../../base/lookup';
import type { Settings } from '../settings';
import { activationProblems } from './activations';
import type { Dialect, LayerTranslator } from './layer';

/** What helps where a layer cannot be modelled. */
export const EXPORT_HINT =
  'Replace it, or export the model to ONNX (Keras 3: model.export("model.onnx", format="onnx")) or .tflite and open that.';

/** Classes whose computation is Python code that no file carries, and what to do about each. */
const CODE: Readonly<Record<string, string>> = {
  Lambda: 'it is Python code; replace it by layers that do the same',
};
/** What is called in between layers and not modelled; see `operations.ts`. */
const CALLED: readonly (readonly [prefix: string, problem: string])[] = [
  ['ops.', 'no such operation is modelled; replace it by layers that do the same'],
  [
    'tf.',
    'it is a function of TensorFlow in between layers that is not modelled; replace it by layers that do the same',
  ],
];

const CUSTOM = 'it is a custom layer, whose code is not in the file; replace it by layers of Keras that do the same';

/**
 * What keeps a layer of this class and these settings from being modelled, in words. Wrappers ask for what they wrap.
 * @param known the class's row of the table, if it has one
 */
export function layerProblems(
  known: LayerTranslator | undefined,
  className: string,
  settings: Settings,
  dialect: Dialect,
  custom = false,
): readonly string[] {
  const translator = custom ? undefined : known;
  if (!translator) {
    const [, called] = CALLED.find(([prefix]) => className.startsWith(prefix)) ?? [];
    const code = lookup(CODE, className);
    return [called ?? code ?? (custom ? CUSTOM : 'no such layer is modelled')];
  }
  const problems = [...(translator.problems?.(settings, dialect) ?? [])];
  if (className !== 'Activation') problems.push(...activationProblems(settings.raw('activation')));
  problems.push(...activationProblems(settings.raw('recurrent_activation')));
  if (settings.raw('data_format') === 'channels_first') problems.push('data_format "channels_first"');
  return problems;
}
