/** Every edit of the settings as a pure function; the history is made of their results. */
import { algorithmOf } from '../core/algorithms/table';
import type { OpId, TensorId } from '../core/graph/graph';
import type { EstimatorChoice, LayerOverride, QuantSettings, TensorOverride } from '../core/quantize/settings';
import type { Range } from '../core/ranges/types';

export type Edit = (settings: QuantSettings) => QuantSettings;

/** A manual range for a tensor, or for one channel of a weight tensor. */
export function manualRange(tensor: TensorId, channel: number | null, range: Range): Edit {
  return onTensor(tensor, (override) =>
    channel === null ? { ...override, range } : { ...override, channels: { ...override.channels, [channel]: range } },
  );
}

/** Back to the estimator; one channel, or the tensor with all of its channels. */
export function estimatedRange(tensor: TensorId, channel: number | null): Edit {
  return onTensor(tensor, ({ estimator, range, channels }) => {
    if (channel === null) return { ...(estimator && { estimator }) };
    const { [channel]: _dropped, ...rest } = channels ?? {};
    return {
      ...(estimator && { estimator }),
      ...(range && { range }),
      ...(Object.keys(rest).length > 0 && { channels: rest }),
    };
  });
}

/** An estimator for this tensor alone, which a manual range would hide; null follows the model's choice again. */
export function tensorEstimator(tensor: TensorId, choice: EstimatorChoice | null): Edit {
  return onTensor(tensor, () => (choice ? { estimator: choice } : {}));
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

export function keepFloat(op: OpId, keep: boolean): Edit {
  return onLayer(op, ({ keepFloat: _dropped, ...override }) => ({ ...override, ...(keep && { keepFloat: true }) }));
}

/** The number format of one layer's weights or outputs; null follows the model's choice again. */
export function layerFormat(op: OpId, kind: 'weights' | 'activations', id: string | null): Edit {
  const field = kind === 'weights' ? 'weightFormat' : 'activationFormat';
  return onLayer(op, ({ [field]: _dropped, ...override }) => ({ ...override, ...(id !== null && { [field]: id }) }));
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

function onLayer(op: OpId, change: (override: LayerOverride) => LayerOverride): Edit {
  return (settings) => {
    const next = change(settings.layers[op] ?? {});
    return { ...settings, layers: without(settings.layers, op, Object.keys(next).length > 0 && next) };
  };
}

function onTensor(tensor: TensorId, change: (override: TensorOverride) => TensorOverride): Edit {
  return (settings) => {
    const next = change(settings.tensors[tensor] ?? {});
    const kept = Object.keys(next).length > 0 && next;
    return { ...settings, tensors: without(settings.tensors, tensor, kept) };
  };
}

/** The record with `key` set to `value`, or without it. */
function without<T>(record: Readonly<Record<string, T>>, key: string, value: T | false): Record<string, T> {
  const { [key]: _dropped, ...rest } = record;
  return value === false ? rest : { ...rest, [key]: value };
}
