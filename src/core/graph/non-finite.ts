/** NaN and infinity among a model's constants, which a training that diverged leaves behind, and among its activations. */
import type { Graph, TensorId } from './graph';

export interface NonFinite {
  readonly tensor: TensorId;
  /** Values that are NaN or infinite, out of how many. */
  readonly count: number;
  readonly values: number;
}

/** Of each constant that holds any. */
export function nonFiniteConstants(graph: Graph): NonFinite[] {
  const found: NonFinite[] = [];
  for (const { id, data } of graph.tensors.values()) {
    if (!(data instanceof Float32Array)) continue;
    let count = 0;
    // A number times zero is zero; NaN and infinity times zero are NaN.
    for (let i = 0; i < data.length; i++) if (data[i] * 0 !== 0) count++;
    if (count > 0) found.push({ tensor: id, count, values: data.length });
  }
  return found;
}

/** Of each activation that calibration saw any in. */
export function nonFiniteActivations(
  activations: Readonly<Record<TensorId, { readonly count: number; readonly nonFinite: number }>>,
): NonFinite[] {
  return Object.entries(activations).flatMap(([tensor, { count, nonFinite }]) =>
    nonFinite > 0 ? [{ tensor, count: nonFinite, values: count + nonFinite }] : [],
  );
}

/** As a sentence for people; undefined where there are none. */
export function nonFiniteInWords(
  found: readonly NonFinite[],
  noun: 'constant' | 'activation' = 'constant',
): string | undefined {
  if (found.length === 0) return undefined;
  const shown = found.slice(0, SHOWN).map(({ tensor, count, values }) => `${tensor} (${count} of ${values} values)`);
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : '';
  return `NaN or infinity in ${found.length === 1 ? `one ${noun}` : `${found.length} ${noun}s`}: ${shown.join(', ')}${more}.`;
}

const SHOWN = 8;
