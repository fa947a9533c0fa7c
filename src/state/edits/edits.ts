/** Every edit of the settings as a pure function; the history is made of their results. */
import { lookup } from '../../base/lookup';
import { algorithmOf } from '../../core/algorithms/table';
import type { OpId, TensorId } from '../../core/graph/graph';
import type {
  EstimatorChoice,
  LayerOverride,
  LayerRule,
  QuantSettings,
  TensorOverride,
} from '../../core/quantize/settings';
import type { Range } from '../../core/calibration/types';
import { havePrecisions, withPrecisions, type Precisions } from '../../core/search/precisions';
import { canonicalJson } from '../../base/canonical-json';

export type Edit = (settings: QuantSettings) => QuantSettings;

/** A manual range for a tensor, or for one channel of a weight tensor. */
export function manualRange(tensor: TensorId, channel: number | null, range: Range): Edit {
  return onTensor(tensor, (override) =>
    channel === null ? { ...override, range } : { ...override, channels: { ...override.channels, [channel]: range } },
  );
}

/** Back to the estimator; one channel, or the tensor with all of its channels. */
export function estimatedRange(tensor: TensorId, channel: number | null): Edit {
  return onTensor(tensor, ({ estimator, range, channels, format }) => {
    const kept = { ...(format && { format }), ...(estimator && { estimator }) };
    if (channel === null) return kept;
    const { [channel]: _dropped, ...rest } = channels ?? {};
    return {
      ...kept,
      ...(range && { range }),
      ...(Object.keys(rest).length > 0 && { channels: rest }),
    };
  });
}

/** An estimator for this tensor alone, which a manual range would hide; null follows the model's choice again. */
export function tensorEstimator(tensor: TensorId, choice: EstimatorChoice | null): Edit {
  return onTensor(tensor, ({ format }) => ({ ...(format && { format }), ...(choice && { estimator: choice }) }));
}

/** The model's choice. Tensors that have their own keep it, unless `everywhere`: then it holds for all of `tensors`. */
export function modelEstimator(
  kind: 'weights' | 'activations',
  choice: EstimatorChoice,
  everywhere: readonly TensorId[] = [],
): Edit {
  return (settings) => {
    const clear = new Set(everywhere);
    const tensors = Object.fromEntries(Object.entries(settings.tensors).filter(([id]) => !clear.has(id)));
    return { ...settings, [kind]: { ...settings[kind], estimator: choice }, tensors };
  };
}

export function granularity(value: QuantSettings['weights']['granularity']): Edit {
  return (settings) => ({ ...settings, weights: { ...settings.weights, granularity: value } });
}

/** Which codes integer formats have; null: what TensorFlow Lite's have. */
export function codes<K extends 'weights' | 'activations'>(kind: K, value: QuantSettings[K]['codes'] | null): Edit {
  return (settings) => {
    const { codes: _dropped, ...rest } = settings[kind];
    return { ...settings, [kind]: { ...rest, ...(value && { codes: value }) } };
  };
}

/** The number format of the model's inputs, which no layer writes; null follows the activations again. */
export function inputFormat(inputs: readonly TensorId[], id: string | null): Edit {
  return (settings) =>
    inputs.reduce(
      (before, input) =>
        onTensor(input, ({ format: _dropped, ...override }) => ({ ...override, ...(id !== null && { format: id }) }))(
          before,
        ),
      settings,
    );
}

export function fileTypes(io: QuantSettings['io']): Edit {
  return (settings) => ({ ...settings, io });
}

/** Switches an algorithm on with these parameters, or off; codes of weights are chosen by one algorithm at most. */
export function algorithm(id: string, params: Readonly<Record<string, number>> | null): Edit {
  return ({ algorithms = [], ...settings }) => {
    const rounds = (other: string) => algorithmOf(other)?.step === 'rounding';
    const others = algorithms.filter((choice) => choice.id !== id && !(params && rounds(id) && rounds(choice.id)));
    const chosen = params ? [...others, { id, params }] : others;
    return { ...settings, ...(chosen.length > 0 && { algorithms: chosen }) };
  };
}

/** Where a rule keeps the layer in float, quantizing it is a choice of its own. */
export function keepFloat(op: OpId, keep: boolean): Edit {
  return (settings) => {
    const choice = keep ? true : settings.rules?.some(({ override }) => override.keepFloat) ? false : null;
    return changeLayers([op], { keepFloat: choice })(settings);
  };
}

/** The number format of one layer's weights or outputs; null follows the model's choice again. */
export function layerFormat(op: OpId, kind: 'weights' | 'activations', id: string | null): Edit {
  return changeLayers([op], kind === 'weights' ? { weightFormat: id } : { activationFormat: id });
}

/** What layers are to choose for themselves; null follows rules and model again, and what is left out stays. */
export type LayerChange = { readonly [K in keyof LayerOverride]?: LayerOverride[K] | null };

export function changeLayers(ops: readonly OpId[], change: LayerChange): Edit {
  return (settings) => {
    let { layers } = settings;
    for (const op of ops) {
      const before = lookup(layers, op) ?? {};
      const chosen = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
      const next: LayerOverride = Object.fromEntries(chosen);
      if (!sameJson(before, next)) layers = without(layers, op, chosen.length > 0 && next);
    }
    return layers === settings.layers ? settings : { ...settings, layers };
  };
}

/** Estimators for tensors that layers read or write, in place of what each had; null follows rules and model again. */
export function tensorEstimators(tensors: readonly TensorId[], choice: EstimatorChoice | null): Edit {
  return (settings) => tensors.reduce((before, tensor) => tensorEstimator(tensor, choice)(before), settings);
}

/** One range by hand for many tensors; null goes back to their estimators. */
export function manualRanges(tensors: readonly TensorId[], range: Range | null): Edit {
  const each = (tensor: TensorId) => (range ? manualRange(tensor, null, range) : estimatedRange(tensor, null));
  return (settings) => tensors.reduce((before, tensor) => each(tensor)(before), settings);
}

/** Layers follow rules and model in everything again; `tensors` are theirs. */
export function resetLayers(ops: readonly OpId[], tensors: readonly TensorId[]): Edit {
  return (settings) => ({
    ...settings,
    layers: Object.fromEntries(Object.entries(settings.layers).filter(([op]) => !ops.includes(op))),
    tensors: Object.fromEntries(Object.entries(settings.tensors).filter(([id]) => !tensors.includes(id))),
  });
}

/** A found configuration: formats of these layers, whatever they had. */
export function choosePrecisions(precisions: Precisions): Edit {
  return (settings) => (havePrecisions(settings, precisions) ? settings : withPrecisions(settings, precisions));
}

// ---- rules ----------------------------------------------------------------------------------------------------------

function onRules(change: (rules: readonly LayerRule[]) => readonly LayerRule[]): Edit {
  return ({ rules = [], ...settings }) => {
    const next = change(rules);
    return { ...settings, ...(next.length > 0 && { rules: next }) };
  };
}

/** At the end, where it wins over those before. */
export function addRule(rule: LayerRule): Edit {
  return onRules((rules) => [...rules, rule]);
}

export function changeRule(index: number, rule: LayerRule): Edit {
  return onRules((rules) => rules.with(index, rule));
}

export function removeRule(index: number): Edit {
  return onRules((rules) => rules.filter((_, i) => i !== index));
}

/** Earlier or later by one: later rules win. */
export function moveRule(index: number, by: -1 | 1): Edit {
  return onRules((rules) => {
    const other = index + by;
    if (other < 0 || other >= rules.length) return rules;
    return rules.with(index, rules[other]).with(other, rules[index]);
  });
}

/** A rule about the first and the last layer alone, in place of any other such rule; null removes it. */
export function endsRule(override: LayerOverride | null): Edit {
  return onRules((rules) => [
    ...rules.filter((rule) => !isEndsRule(rule)),
    ...(override ? [{ place: 'ends' as const, override }] : []),
  ]);
}

export function isEndsRule({ place, name, kind }: LayerRule): boolean {
  return place === 'ends' && name === undefined && kind === undefined;
}

/** The model's number format; int8 is what is meant where none is named. */
export function modelFormat(kind: 'weights' | 'activations', id: string): Edit {
  return (settings) => {
    const { format: _dropped, ...rest } = settings[kind];
    return { ...settings, [kind]: { ...rest, ...(id !== 'int8' && { format: id }) } };
  };
}

/** The model's formats of weights and activations at once. */
export function formats(weights: string, activations: string): Edit {
  return (settings) => modelFormat('activations', activations)(modelFormat('weights', weights)(settings));
}

function onTensor(tensor: TensorId, change: (override: TensorOverride) => TensorOverride): Edit {
  return (settings) => {
    const next = change(lookup(settings.tensors, tensor) ?? {});
    const kept = Object.keys(next).length > 0 && next;
    return { ...settings, tensors: without(settings.tensors, tensor, kept) };
  };
}

/** The record with `key` set to `value`, or without it. */
function without<T>(record: Readonly<Record<string, T>>, key: string, value: T | false): Record<string, T> {
  const { [key]: _dropped, ...rest } = record;
  return value === false ? rest : { ...rest, [key]: value };
}

/** Settings are plain data: nothing changed means no step to undo. */
export function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
