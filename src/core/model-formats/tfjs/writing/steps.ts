/** Operations that several rows are made of. */
import type { TensorId } from '../../../graph/graph';
import type { Op, OpKind } from '../../../graph/ops/attrs';
import { int, ints, text, type, type GraphModelWriter } from './nodes';

/** Adds the op's nodes; returns the names of what it hands out, before a fused activation. */
export type GraphModelRow<K extends OpKind> = (
  w: GraphModelWriter,
  op: Op<K>,
  x: (index: number) => string,
) => string | readonly string[];

export const FLOAT = { T: type() };
export const IMAGES = { data_format: text('NHWC') };

export const square = ([height, width]: readonly [number, number]) => ints([1, height, width, 1]);

export const window = (padding: string) => ({ padding: text(padding.toUpperCase()), ...IMAGES, ...FLOAT });

export const WHOLE = { T: type('DT_INT32'), Index: type('DT_INT32') };

/** The first output of a node goes by the node's own name. */
export const outputsOf = (node: string, count: number) =>
  Array.from({ length: count }, (_, i) => (i === 0 ? node : `${node}:${i}`));

export function cut(
  w: GraphModelWriter,
  like: TensorId,
  from: string,
  parts: readonly number[],
  axis: number,
): string[] {
  const attr = { ...FLOAT, num_split: int(parts.length), Tlen: type('DT_INT32') };
  const name = w.step('SplitV', like, [from, w.integers(parts), w.integers([axis], [])], attr);
  return outputsOf(name, parts.length);
}

export function joined(w: GraphModelWriter, like: TensorId, parts: readonly string[], axis: number): string {
  const attr = { N: int(parts.length), Tidx: type('DT_INT32'), ...FLOAT };
  return w.step('ConcatV2', like, [...parts, w.integers([axis], [])], attr);
}

/** Values kept between two bounds. */
export function clamped(w: GraphModelWriter, like: TensorId, x: string, low: number, high: number): string {
  const above = w.step('Maximum', like, [x, w.number(low)], FLOAT);
  return w.step('Minimum', like, [above, w.number(high)], FLOAT);
}

/** A function that TensorFlow.js has no operation for, as a chain of those it has. */
type Chain = (of: (operation: string, ...inputs: readonly string[]) => string, n: (value: number) => string) => string;

export function chain(w: GraphModelWriter, op: Op, steps: Chain): string {
  return steps(
    (operation, ...inputs) => w.step(operation, op.outputs[0], inputs, FLOAT),
    (value) => w.number(value),
  );
}
