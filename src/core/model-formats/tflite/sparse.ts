/**
 * Tensors stored sparse: only what is not zero, along a tree of dimensions that are dense or list what they have (the TACO
 * format of TensorFlow Lite's schema). They are read as the dense tensors they stand for, since int8 kernels take no others.
 */
import type { Row } from './schema/tables';

/** Values a sparse tensor may unfold to: a file can claim any number for nothing. */
const MOST_ELEMENTS = 2 ** 27;

const SPARSE = 1;

interface Level {
  /** How many of a dense dimension; 0 for one that lists what it has. */
  readonly size: number;
  /** Where the lists of a sparse dimension begin and end, by position of the dimension before. */
  readonly segments: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
}

/**
 * For each stored value, in order, the position that it has in the dense tensor. Null where the description does not fit the
 * shape.
 * @param stored number of values the file holds
 */
export function densePositions(
  { traversalOrder, blockMap, dimMetadata }: Row<'SparsityParameters'>,
  shape: readonly number[],
  stored: number,
): Int32Array | null {
  const order = [...(traversalOrder ?? [])];
  const blocks = [...(blockMap ?? [])];
  const rank = shape.length;
  const levels = (dimMetadata ?? []).map(levelOf);
  const count = shape.reduce((n, d) => n * d, 1);
  const isOrder = [...order].sort((a, b) => a - b).every((dim, i) => dim === i);
  if (!isOrder || order.length !== rank + blocks.length || levels.length !== order.length) return null;
  if (count > MOST_ELEMENTS || blocks.some((dim) => dim < 0 || dim >= rank)) return null;
  const blockSizes = blocks.map((_, i) => levels[order.indexOf(rank + i)].size);
  if (blockSizes.some((size) => size < 1)) return null;

  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, d) => n * d, 1));
  const positions = new Int32Array(stored);
  const at = new Array<number>(order.length).fill(0);
  let found = 0;
  const place = (): boolean => {
    const index = new Array<number>(rank).fill(0);
    order.forEach((dim, level) => {
      if (dim < rank) index[dim] = at[level]!;
    });
    blocks.forEach((dim, i) => {
      index[dim] = index[dim] * blockSizes[i] + at[order.indexOf(rank + i)];
    });
    if (found >= stored || index.some((i, axis) => i < 0 || i >= shape[axis])) return false;
    positions[found++] = index.reduce((sum, i, axis) => sum + i * strides[axis], 0);
    return true;
  };
  const walk = (level: number, before: number): boolean => {
    if (level === levels.length) return place();
    const { size, segments, indices } = levels[level];
    if (size > 0) {
      for (let i = 0; i < size; i++) {
        at[level] = i;
        if (!walk(level + 1, before * size + i)) return false;
      }
      return true;
    }
    const [from, to] = [segments[before], segments[before + 1]];
    if (from === undefined || to === undefined || from < 0 || to > indices.length) return false;
    for (let i = from; i < to; i++) {
      at[level] = indices[i]!;
      if (!walk(level + 1, i)) return false;
    }
    return true;
  };
  return walk(0, 0) && found === stored ? positions : null;
}

function levelOf({ format, denseSize, arraySegments, arrayIndices }: Row<'DimensionMetadata'>): Level {
  const listed = (vector: typeof arraySegments) =>
    (vector?.fields as { values?: ArrayLike<number> } | undefined)?.values ?? [];
  if (format !== SPARSE) return { size: Math.max(0, denseSize), segments: [], indices: [] };
  return { size: 0, segments: listed(arraySegments), indices: listed(arrayIndices) };
}
