import type { QuantSettings } from '../../core/quantize/settings';
import type { ModelView } from '../../jobs/contract/protocol';

export interface Fitted {
  readonly settings: QuantSettings;
  /** Choices that are about layers or tensors which this model does not have. */
  readonly dropped: number;
}

/** Settings of a report, a recipe or a link for the open model: choices about what it does not have are left out. */
export function fitSettings(settings: QuantSettings, { layers, inputs }: ModelView): Fitted {
  const ops = new Set(layers.map(({ id }) => id));
  const tensors = new Set(inputs.map(({ id }) => id));
  for (const { output, weight, inputs: read } of layers) {
    tensors.add(output.id);
    if (weight) tensors.add(weight.id);
    for (const id of read) tensors.add(id);
  }
  const kept = <T>(all: Readonly<Record<string, T>>, known: ReadonlySet<string>) =>
    Object.fromEntries(Object.entries(all).filter(([id]) => known.has(id)));
  const fitted = { ...settings, tensors: kept(settings.tensors, tensors), layers: kept(settings.layers, ops) };
  const count = ({ tensors: t, layers: l }: QuantSettings) => Object.keys(t).length + Object.keys(l).length;
  return { settings: fitted, dropped: count(settings) - count(fitted) };
}
