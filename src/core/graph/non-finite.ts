/** NaN and infinity among a model's constants: what a training that diverged leaves behind. */
import type { Graph, TensorId } from './graph';

export interface NonFiniteConstant {
  readonly tensor: TensorId;
  /** Values that are NaN or infinite, out of how many. */
  readonly count: number;
  readonly values: number;
}

/** Of each constant that holds any. */
export function nonFiniteConstants(graph: Graph): NonFiniteConstant[] {
  const found: NonFiniteConstant[] = [];
  for (const { id, data } of graph.tensors.values()) {
    if (!(data instanceof Float32Array)) continue;
    let count = 0;
    // A number times zero is zero; NaN and infinity times zero are NaN.
    for (let i = 0; i < data.length; i++) if (data[i] * 0 !== 0) count++;
    if (count > 0) found.push({ tensor: id, count, values: data.length });
  }
  return found;
}

/** As a sentence for people; undefined where there are none. */
export function nonFiniteInWords(found: readonly NonFiniteConstant[]): string | undefined {
  if (found.length === 0) return undefined;
  const shown = found.slice(0, SHOWN).map(({ tensor, count, values }) => `${tensor} (${count} of ${values} values)`);
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : '';
  return `NaN or infinity in ${found.length === 1 ? 'one constant' : `${found.length} constants`}: ${shown.join(', ')}${more}.`;
}

const SHOWN = 8;
