/** Figures in the sentences of findings. The minus sign is U+2212. */
import type { Graph, OpId } from '../graph/graph';

export function figure(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−');
}

export function share(value: number): string {
  const percent = 100 * value;
  return `${percent > 0 && percent < 0.1 ? '<0.1' : Number(percent.toPrecision(percent < 10 ? 2 : 3))} %`;
}

export function decibels(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1).replace('-', '−')} dB` : value > 0 ? 'exact' : 'n/a';
}

export function count(n: number, one: string, many = `${one}s`): string {
  return n === 1 ? `one ${one}` : `${n} ${many}`;
}

/** Without what was fused into it: converters string all names together. */
export function brief(name: string): string {
  return name.split(';')[0];
}

/** "conv_1", or "conv_1 and 3 more". */
export function namesOf(graph: Graph, [first, ...others]: readonly OpId[]): string {
  const op = graph.ops.find(({ id }) => id === first);
  const name = brief(op?.sourceName || first || '');
  return others.length > 0 ? `${name} and ${others.length} more` : name;
}
