/** Between the channels-first order of the file and the channels-last order of the Graph. */
import type { TensorId } from '../../graph/graph';
import type { OnnxNode } from './node';

/** [N,C,H,W] → [N,H,W,C] */
export const TO_NHWC = [0, 2, 3, 1];
/** [N,H,W,C] → [N,C,H,W] */
export const TO_NCHW = [0, 3, 1, 2];

/** The permutation that moves axis 1 to the end. */
export const channelsLast = (rank: number) => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
/** The permutation that moves the last axis to position 1. */
export const channelsFirst = (rank: number) => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];

/** Dimension i of the result is dimension permutation[i]; `cancelTransposes` removes what meets its opposite. */
export function transposed(node: OnnxNode, x: TensorId, permutation: readonly number[], name: string): TensorId {
  return node.step(name, 'transpose', [x], { permutation });
}

/** A tensor with one of its dimensions moved to the end, and the way back for what has that dimension there. */
export function alongLast(
  node: OnnxNode,
  x: TensorId,
  axis: number,
): { readonly moved: TensorId; readonly back: (y: TensorId) => TensorId } {
  const rank = node.shapeOf(x).length;
  if (axis === rank - 1) return { moved: x, back: (y) => y };
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis);
  const back = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : i < axis ? i : i - 1));
  return {
    moved: transposed(node, x, [...others, axis], 'axis-last'),
    back: (y) => transposed(node, y, back, 'axis-back'),
  };
}

/** A plane [N,H,W,C] of what has one or two spatial dimensions; lines become planes one row high. */
export interface Plane {
  readonly tensor: TensorId;
  /** [H, W] */
  readonly size: readonly [number, number];
  readonly channels: number;
  /** Number of spatial dimensions in the file. */
  readonly spatial: 1 | 2;
}

/** Input `index` as a plane; refuses three and more spatial dimensions. */
export function planeOf(node: OnnxNode, index = 0): Plane {
  const x = node.tensor(index);
  const [n, channels, ...size] = node.shapeOf(x);
  if (size.length === 2) {
    const tensor = transposed(node, x, TO_NHWC, 'nhwc');
    return { tensor, size: [size[0], size[1]], channels, spatial: 2 };
  }
  if (size.length !== 1) return node.refuse(`it has ${size.length} spatial dimensions; 1 and 2 are modelled`);
  const lines = transposed(node, x, [0, 2, 1], 'nlc');
  const tensor = node.step('plane', 'reshape', [lines], { shape: [n, 1, size[0], channels] });
  return { tensor, size: [1, size[0]], channels, spatial: 1 };
}

/** A plane in the file's order again. */
export function unplane(node: OnnxNode, y: TensorId, spatial: 1 | 2): TensorId {
  if (spatial === 2) return transposed(node, y, TO_NCHW, 'nchw');
  const [n, , length, channels] = node.shapeOf(y);
  const lines = node.step('line', 'reshape', [y], { shape: [n, length, channels] });
  return transposed(node, lines, [0, 2, 1], 'ncl');
}

/** One number per spatial dimension as [height, width]; a line is one row high. */
export function pair(node: OnnxNode, values: readonly number[], spatial: 1 | 2, what: string): [number, number] {
  if (values.length !== spatial)
    node.refuse(`its ${what} [${values.join(', ')}] does not suit ${spatial} dimension(s)`);
  return spatial === 2 ? [values[0], values[1]] : [1, values[0]];
}
