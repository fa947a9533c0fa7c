/**
 * A tensor as another one seen differently: its dimensions in another order, then split, joined or dropped. Views cost
 * nothing until an op needs their values in place.
 */
import type { Shape, TensorId } from '../../graph';
import type { Op } from '../../ops/attrs';
import { movesNothing, permutedShape } from '../../permute';

/** reshape(transpose(source, permutation), shape) */
export interface View {
  readonly source: TensorId;
  readonly sourceShape: Shape;
  readonly permutation: readonly number[];
  readonly shape: Shape;
  /** The op of the original graph that asked for it last: it lends its name where the view is put in place. */
  readonly origin?: Op | undefined;
}

const inOrder = (rank: number) => Array.from({ length: rank }, (_, i) => i);
const sameNumbers = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((v, i) => v === b[i]);

export function plainView(source: TensorId, shape: Shape): View {
  return { source, sourceShape: shape, permutation: inOrder(shape.length), shape };
}

/** A permutation that only moves dimensions of size 1 is a reshape. */
export function view(source: TensorId, sourceShape: Shape, permutation: readonly number[], shape: Shape): View {
  const kept = movesNothing(sourceShape, permutation) ? inOrder(sourceShape.length) : permutation;
  return { source, sourceShape, permutation: kept, shape };
}

/** The tensor itself. */
export function isPlain({ sourceShape, permutation, shape }: View): boolean {
  return isReshape({ permutation }) && sameNumbers(sourceShape, shape);
}

/** No dimension is moved. */
export function isReshape({ permutation }: Pick<View, 'permutation'>): boolean {
  return permutation.every((axis, i) => axis === i);
}

/** Dimensions are moved, none split, joined or dropped. */
export function isTranspose({ sourceShape, permutation, shape }: View): boolean {
  return !isReshape({ permutation }) && sameNumbers(permutedShape(sourceShape, permutation), shape);
}

/** Whether two views see their sources alike, so that an op on each value may work on the sources. */
export function seenAlike(a: View, b: View): boolean {
  return (
    sameNumbers(a.sourceShape, b.sourceShape) &&
    sameNumbers(a.permutation, b.permutation) &&
    sameNumbers(a.shape, b.shape)
  );
}

/**
 * Where the view drops dimensions of size 1 and changes nothing else: the source's axis for each axis of the view. Null
 * elsewhere, and where nothing is dropped.
 */
export function droppedUnits({ sourceShape, permutation, shape }: View): number[] | null {
  if (!isReshape({ permutation }) || sourceShape.length <= shape.length) return null;
  const axes: number[] = [];
  for (const [axis, size] of sourceShape.entries()) {
    if (axes.length < shape.length && size === shape[axes.length]) axes.push(axis);
    else if (size !== 1) return null;
  }
  return axes.length === shape.length ? axes : null;
}

/** Whether dimensions are split or joined, none moved, and the last one is left alone. */
export function keepsChannels({ sourceShape, permutation, shape }: View): boolean {
  return isReshape({ permutation }) && shape.length > 0 && sourceShape.at(-1) === shape.at(-1);
}

export function reshapedView(x: View, shape: Shape): View {
  return { ...x, shape };
}

/** The view with its dimensions moved once more; null where split or joined dimensions would have to move apart. */
export function transposedView(x: View, permutation: readonly number[]): View | null {
  const shape = permutedShape(x.shape, permutation);
  if (sameNumbers(permutedShape(x.sourceShape, x.permutation), x.shape))
    return view(
      x.source,
      x.sourceShape,
      permutation.map((axis) => x.permutation[axis]),
      shape,
    );
  if (movesNothing(x.shape, permutation)) return { ...x, shape };
  return withoutUnits(x, permutation, shape);
}

/** Where source and view differ by dimensions of size 1 only, these stay where they are and the others move. */
function withoutUnits(x: View, permutation: readonly number[], shape: Shape): View | null {
  const { sourceShape } = x;
  const sourceAxes = x.permutation.filter((axis) => sourceShape[axis] !== 1);
  const axes = inOrder(x.shape.length).filter((axis) => x.shape[axis] !== 1);
  if (
    !sameNumbers(
      sourceAxes.map((axis) => sourceShape[axis]),
      axes.map((axis) => x.shape[axis]),
    )
  )
    return null;
  const moved = permutation.flatMap((axis) => (axes.includes(axis) ? [sourceAxes[axes.indexOf(axis)]] : [])).values();
  const order = sourceShape.map((d, axis) => (d === 1 ? axis : moved.next().value!));
  return view(x.source, sourceShape, order, shape);
}

/** Runs of dimensions of `from` and of `to` that hold the same values, as short as possible; null where there are none. */
function groups(from: Shape, to: Shape): { from: number[]; to: number[] }[] | null {
  const result: { from: number[]; to: number[] }[] = [];
  let [i, j] = [0, 0];
  if (from[0] === -1) {
    if (to[0] !== -1) return null;
    result.push({ from: [0], to: [0] });
    [i, j] = [1, 1];
  }
  while (i < from.length && j < to.length) {
    const group = { from: [i], to: [j] };
    let [left, right] = [from[i++], to[j++]];
    while (left !== right) {
      if (left < right) {
        if (i === from.length) return null;
        group.from.push(i);
        left *= from[i++];
      } else {
        if (j === to.length) return null;
        group.to.push(j);
        right *= to[j++];
      }
    }
    result.push(group);
  }
  const last = result.at(-1);
  if (!last) return null;
  for (; i < from.length; i++) last.from.push(i);
  for (; j < to.length; j++) last.to.push(j);
  return result;
}

export interface Regrouped {
  /** Order of the source's dimensions in which those that are joined lie side by side; often the order they have. */
  readonly order: readonly number[];
  /** What the source is reshaped to in that order. */
  readonly reshaped: Shape;
  /** How the dimensions are moved after that. */
  readonly permutation: readonly number[];
}

/**
 * The same view as a transpose after the reshape instead of before it, so that an op on single dimensions can work below
 * the transpose. Null where no dimensions of source and view correspond.
 */
export function regrouped({ sourceShape, permutation, shape }: View): Regrouped | null {
  const found = groups(permutedShape(sourceShape, permutation), shape);
  if (!found) return null;
  const placed = found.map(({ from, to }) => ({ to, axes: from.map((i) => permutation[i]) }));
  // Each group where its first dimension is in the source; groups of ones stay behind the group before.
  const places: number[] = [];
  for (const { axes } of placed) {
    const kept = axes.filter((axis) => sourceShape[axis] !== 1);
    places.push(kept.length > 0 ? Math.min(...kept) : (places.at(-1) ?? -1) + 1e-3);
  }
  const sorted = inOrder(placed.length).sort((a, b) => places[a] - places[b]);
  const dims = sorted.flatMap((g) => placed[g].to);
  return {
    order: sorted.flatMap((g) => placed[g].axes),
    reshaped: dims.map((axis) => shape[axis]),
    permutation: inOrder(shape.length).map((axis) => dims.indexOf(axis)),
  };
}
