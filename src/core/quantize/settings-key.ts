/** When two settings are the same: equal keys, equal results. Settings are never changed in place, so keys are kept. */
import { canonicalJson } from '../../base/canonical-json';
import type { TensorId } from '../graph/graph';
import type { QuantSettings } from './settings';

const known = new WeakMap<QuantSettings, string>();

/** Equal for settings that quantize alike; algorithms are applied in the order of their table, whatever it is here. */
export function settingsKey(settings: QuantSettings): string {
  let key = known.get(settings);
  if (key === undefined) {
    key = canonicalJson({ ...settings, algorithms: inOrder(settings) });
    known.set(settings, key);
  }
  return key;
}

export function sameSettings(a: QuantSettings | null | undefined, b: QuantSettings | null | undefined): boolean {
  if (a === b) return true;
  return !!a && !!b && settingsKey(a) === settingsKey(b);
}

/**
 * What the model as algorithms and training leave it depends on: them, and the choices about weights. Ranges of
 * activations it does not.
 * @param isWeight false for tensors whose choices are about activations
 */
export function modelKey(settings: QuantSettings, isWeight: (tensor: TensorId) => boolean): string {
  const { trained, weights, layers, rules = [], tensors } = settings;
  const own = Object.fromEntries(Object.entries(tensors).filter(([id]) => isWeight(id)));
  return canonicalJson([inOrder(settings), weights, layers, rules, own, trained]);
}

function inOrder({ algorithms = [] }: QuantSettings) {
  return [...algorithms].sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}
