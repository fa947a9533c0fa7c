/** Ops that move values and compute nothing. */
import type { Op } from '../../../core/graph/ops/attrs';
import { at, at4, fill, type NaiveTensor } from './array';

export function concat({ attrs: { axis } }: Op<'concat'>, xs: readonly NaiveTensor[], shape: number[]): NaiveTensor {
  return fill(shape, (index) => {
    let position = index[axis];
    for (const x of xs) {
      if (position < x.shape[axis]) return at(x, index.with(axis, position));
      position -= x.shape[axis];
    }
    throw new RangeError('concat output is longer than its inputs');
  });
}

export function split({ attrs: { axis } }: Op<'split'>, x: NaiveTensor, shapes: number[][]): NaiveTensor[] {
  let start = 0;
  return shapes.map((shape) => {
    const first = start;
    start += shape[axis];
    return fill(shape, (index) => at(x, index.with(axis, first + index[axis])));
  });
}

export function pad({ attrs }: Op<'pad'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  return fill(shape, (index) => {
    const source = index.map((i, axis) => i - attrs.paddings[axis][0]);
    return source.every((i, axis) => i >= 0 && i < x.shape[axis]) ? at(x, source) : attrs.value;
  });
}

export function transpose({ attrs }: Op<'transpose'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  return fill(shape, (index) => {
    const source = new Array<number>(index.length);
    attrs.permutation.forEach((from, to) => (source[from] = index[to]!));
    return at(x, source);
  });
}

export function slice({ attrs }: Op<'slice'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  return fill(shape, (index) =>
    at(
      x,
      index.map((i, axis) => attrs.begin[axis] + i),
    ),
  );
}

export function stridedSlice({ attrs }: Op<'stridedSlice'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  return fill(shape, (index) => {
    const kept = index.values();
    const steps = x.shape.map((_, axis) => (attrs.shrinkAxes.includes(axis) ? 0 : kept.next().value!));
    return at(
      x,
      steps.map((step, axis) => attrs.begin[axis] + step * attrs.strides[axis]),
    );
  });
}

/** A block's pixels become channels: row of the block outermost, then its column, then the channel. */
export function spaceToDepth({ attrs }: Op<'spaceToDepth'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const block = attrs.blockSize;
  const channels = x.shape[3];
  return fill(shape, ([n, row, column, depth]) => {
    const pixel = Math.floor(depth / channels);
    const [dy, dx] = [Math.floor(pixel / block), pixel % block];
    return at4(x, n, row * block + dy, column * block + dx, depth % channels);
  });
}

export function depthToSpace({ attrs }: Op<'depthToSpace'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const block = attrs.blockSize;
  const channels = shape[3];
  return fill(shape, ([n, row, column, c]) => {
    const pixel = (row % block) * block + (column % block);
    return at4(x, n, Math.floor(row / block), Math.floor(column / block), pixel * channels + c);
  });
}

export function mirrorPad({ attrs }: Op<'mirrorPad'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const border = attrs.mode === 'reflect' ? 0 : 1;
  return fill(shape, (index) =>
    at(
      x,
      index.map((i, axis) => {
        const position = i - attrs.paddings[axis][0];
        if (position < 0) return -position - border;
        const last = x.shape[axis] - 1;
        return position > last ? 2 * last - position + border : position;
      }),
    ),
  );
}

export function gather(
  { attrs: { axis } }: Op<'gather'>,
  x: NaiveTensor,
  indices: NaiveTensor,
  shape: number[],
): NaiveTensor {
  const rank = indices.shape.length;
  return fill(shape, (index) => at(x, index.toSpliced(axis, rank, at(indices, index.slice(axis, axis + rank)))));
}

export function tile(x: NaiveTensor, shape: number[]): NaiveTensor {
  return fill(shape, (index) =>
    at(
      x,
      index.map((i, axis) => i % x.shape[axis]),
    ),
  );
}

export function pack({ attrs: { axis } }: Op<'pack'>, xs: readonly NaiveTensor[], shape: number[]): NaiveTensor {
  return fill(shape, (index) => at(xs[index[axis]], index.toSpliced(axis, 1)));
}

export function unpack({ attrs: { axis } }: Op<'unpack'>, x: NaiveTensor, shapes: number[][]): NaiveTensor[] {
  return shapes.map((shape, i) => fill(shape, (index) => at(x, index.toSpliced(axis, 0, i))));
}

export function gatherNd(x: NaiveTensor, indices: NaiveTensor, shape: number[]): NaiveTensor {
  const outer = indices.shape.length - 1;
  const depth = indices.shape[outer];
  return fill(shape, (index) => {
    const tuple = Array.from({ length: depth }, (_, i) => at(indices, [...index.slice(0, outer), i]));
    return at(x, [...tuple, ...index.slice(outer)]);
  });
}

export function reverse({ attrs: { axes } }: Op<'reverse'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  return fill(shape, (index) =>
    at(
      x,
      index.map((i, axis) => (axes.includes(axis) ? shape[axis] - 1 - i : i)),
    ),
  );
}

/** Image `index[0]` holds what lies at one offset in each block: offsets count row by row, images fastest. */
export function spaceToBatch({ attrs }: Op<'spaceToBatch'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const { block, paddings } = attrs;
  return fill(shape, (index) => {
    let offset = Math.floor(index[0] / x.shape[0]);
    const source = [index[0] % x.shape[0], ...index.slice(1)];
    for (let i = block.length - 1; i >= 0; i--) {
      source[i + 1] = index[i + 1] * block[i] + (offset % block[i]) - paddings[i][0];
      offset = Math.floor(offset / block[i]);
    }
    return source.every((d, axis) => d >= 0 && d < x.shape[axis]) ? at(x, source) : 0;
  });
}

export function batchToSpace({ attrs }: Op<'batchToSpace'>, x: NaiveTensor, shape: number[]): NaiveTensor {
  const { block, crops } = attrs;
  return fill(shape, (index) => {
    let offset = 0;
    const source = [0, ...index.slice(1)];
    block.forEach((size, i) => {
      const pixel = index[i + 1] + crops[i][0];
      source[i + 1] = Math.floor(pixel / size);
      offset = offset * size + (pixel % size);
    });
    source[0] = offset * shape[0] + index[0];
    return at(x, source);
  });
}
