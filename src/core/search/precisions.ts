/** What a layer may be quantized to, as one choice for its weights and its output. */
import { lookup, put } from '../../base/lookup';
import type { OpId } from '../graph/graph';
import { INT8_ACTIVATION } from '../number-formats/format';
import { formatOf } from '../number-formats/table';
import type { LayerOverride, QuantSettings } from '../quantize/settings';

export interface Precision {
  readonly id: string;
  readonly label: string;
  /** One sentence for the page. */
  readonly explain: string;
  /** Rows of the format table; null: the layer stays in float. */
  readonly formats: { readonly weights: string; readonly activations: string } | null;
}

/** The narrowest first. */
export const PRECISIONS: readonly Precision[] = [
  {
    id: 'int4',
    label: 'INT4',
    explain: 'INT4 weights with INT8 activations, as a .tflite file holds them.',
    formats: { weights: 'int4', activations: 'int8' },
  },
  {
    id: 'int8',
    label: 'INT8',
    explain: 'What every int8 kernel runs.',
    formats: { weights: 'int8', activations: 'int8' },
  },
  {
    id: 'fp8',
    label: 'FP8',
    explain: 'FP8 E4M3FN for weights and activations: as many bits as INT8, other arithmetic.',
    formats: { weights: 'fp8-e4m3fn', activations: 'fp8-e4m3fn' },
  },
  {
    id: 'int16x8',
    label: 'INT16×8',
    explain: 'INT16 activations on INT8 weights: where activations need more range than weights do.',
    formats: { weights: 'int8', activations: 'int16' },
  },
  {
    id: 'int16',
    label: 'INT16',
    explain: 'INT16 weights and activations.',
    formats: { weights: 'int16', activations: 'int16' },
  },
  {
    id: 'float',
    label: 'Float',
    explain: 'The layer stays in float32 between dequantize and quantize.',
    formats: null,
  },
];

export function precisionOf(id: string): Precision | undefined {
  return PRECISIONS.find((row) => row.id === id);
}

/** Whether a .tflite file holds layers of this precision. */
export function isStorable({ formats }: Precision): boolean {
  if (!formats) return true;
  const weights = formatOf(formats.weights)!.weights;
  return formatOf(formats.activations)!.activations === INT8_ACTIVATION && weights.kind === 'int' && weights.bits <= 8;
}

export const USUAL_PRECISIONS: readonly string[] = PRECISIONS.filter(isStorable).map(({ id }) => id);

/** Precisions of layers, by op. */
export type Precisions = Readonly<Record<OpId, string>>;

/** The format of activations that all of these layers have; undefined where they differ, or one is in float. */
function sharedActivations(precisions: Precisions): string | undefined {
  const [first, ...others] = new Set(Object.values(precisions).map((id) => precisionOf(id)?.formats?.activations));
  return others.length === 0 ? first : undefined;
}

/**
 * The settings with these layers so; what else was chosen for them stays. Says only what the model's formats do not. Where
 * all layers have one format of activations, the model has it: what is between them needs no conversions then.
 *
 * @param precisions of every layer with weights that no rule decides about
 */
export function withPrecisions(before: QuantSettings, precisions: Precisions): QuantSettings {
  const shared = before.rules?.length ? undefined : sharedActivations(precisions);
  const settings =
    shared === undefined || shared === (before.activations.format ?? 'int8')
      ? before
      : { ...before, activations: { ...before.activations, format: shared } };
  const { weights: { format: weights = 'int8' }, activations: { format: activations = 'int8' } } = settings; // prettier-ignore
  const layers = { ...settings.layers };
  for (const [op, id] of Object.entries(precisions)) {
    const {
      keepFloat: _float,
      weightFormat: _weights,
      activationFormat: _activations,
      ...rest
    } = lookup(layers, op) ?? {};
    const formats = precisionOf(id)?.formats;
    const override: LayerOverride = {
      ...rest,
      ...(!formats && { keepFloat: true }),
      ...(formats && formats.weights !== weights && { weightFormat: formats.weights }),
      ...(formats && formats.activations !== activations && { activationFormat: formats.activations }),
    };
    if (Object.keys(override).length > 0) put(layers, op, override);
    else delete layers[op];
  }
  return { ...settings, layers };
}

/** Whether these layers have these precisions in the settings already. */
export function havePrecisions(settings: QuantSettings, precisions: Precisions): boolean {
  return Object.entries(precisions).every(([op, id]) => {
    const formats = precisionOf(id)?.formats;
    const own = lookup(settings.layers, op) ?? {};
    if (!formats || own.keepFloat) return !formats && own.keepFloat === true;
    return (
      (own.weightFormat ?? settings.weights.format ?? 'int8') === formats.weights &&
      (own.activationFormat ?? settings.activations.format ?? 'int8') === formats.activations
    );
  });
}
