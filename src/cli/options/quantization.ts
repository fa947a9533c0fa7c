/** Formats, ranges and algorithms: what a model is quantized with, in the same words for every command. */
import { ESTIMATORS } from '../../core/calibration/estimators/table';
import { formatOf, FORMATS } from '../../core/number-formats/table';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { ALGORITHM_OPTIONS, algorithmsOf } from './algorithms';
import { estimator, format, oneOf, optional, repeated, whole, withDefault, type ValuesOf } from './option';
import { parseRule } from './rules';
import { UsageError } from './usage-error';

const FLOATS = FORMATS.filter(({ family }) => family !== 'integer').map(({ id }) => id);

/** @param usual the estimator of ranges where none is given, for activations and for weights */
export function quantizationOptions(usual: string, usualOfWeights = usual) {
  return {
    weightFormat: optional('FORMAT', `of weights: int2 … int16, ${FLOATS.join(', ')} (int8)`, format),
    activationFormat: optional('FORMAT', 'of activations (int8)', format),
    inputFormat: optional('FORMAT', "of the model's inputs (that of the activations)", format),
    weightBits: optional('B', '--weight-format by its bits: integers of 2 to 16', whole()),
    activationBits: optional('B', '--activation-format by its bits', whole()),
    granularity: withDefault('G', 'scales of weights per channel | tensor', oneOf(['channel', 'tensor']), 'channel'),
    estimator: withDefault(
      'NAME',
      `of the ranges of activations: ${ESTIMATORS.map(({ id }) => id).join(' | ')}`,
      estimator,
      usual,
    ),
    weightEstimator: withDefault('NAME', 'of the ranges of weights', estimator, usualOfWeights),
    rule: repeated('LAYERS:CHANGES', 'formats, ranges or float for some layers, see below', parseRule),
    ...ALGORITHM_OPTIONS,
  };
}

export type QuantizationValues = ValuesOf<ReturnType<typeof quantizationOptions>>;

/** Bits of integers, or a format by name. */
function formatIn(values: QuantizationValues, of: 'weight' | 'activation'): string {
  const [named, bits] = [values[`${of}Format`], values[`${of}Bits`]];
  if (named !== undefined && bits !== undefined)
    throw new UsageError(`--${of}-bits and --${of}-format say the same twice: leave one out.`);
  if (bits === undefined) return named ?? 'int8';
  if (!formatOf(`int${bits}`)) throw new UsageError(`--${of}-bits takes a whole number from 2 to 16, not "${bits}".`);
  return `int${bits}`;
}

/** INT8 is what is meant where no format is named. */
const unlessInt8 = (id: string) => (id === 'int8' ? {} : { format: id });

/** @throws UsageError for words that exclude each other */
export function settingsOf(values: QuantizationValues, io: QuantSettings['io'] = DEFAULT_SETTINGS.io): QuantSettings {
  const algorithms = algorithmsOf(values);
  return {
    ...DEFAULT_SETTINGS,
    io,
    weights: {
      granularity: values.granularity,
      estimator: { id: values.weightEstimator, params: {} },
      ...unlessInt8(formatIn(values, 'weight')),
    },
    activations: {
      estimator: { id: values.estimator, params: {} },
      ...unlessInt8(formatIn(values, 'activation')),
    },
    ...(values.rule.length > 0 && { rules: values.rule }),
    ...(algorithms.length > 0 && { algorithms }),
  };
}

/** The settings for a model with these inputs: which tensors --input-format is about is known when it is open. */
export function withInputFormat(
  settings: QuantSettings,
  inputs: readonly { readonly id: string }[],
  inputFormat: string | undefined,
): QuantSettings {
  if (inputFormat === undefined) return settings;
  const own = Object.fromEntries(inputs.map(({ id }) => [id, { format: inputFormat }]));
  return { ...settings, tensors: { ...settings.tensors, ...own } };
}
