/** Slices and resizing. */
import { BATCH } from '../../../graph/graph';
import { int8Version, positive, type SourceOp, type OpRows, type SharedRow } from './row';

type Resize = 'resizeBilinear' | 'resizeNearest';

export const CROPPING: OpRows<Resize | 'slice' | 'stridedSlice'> = {
  resizeBilinear: resize('RESIZE_BILINEAR', 'ResizeBilinearOptions'),
  resizeNearest: resize('RESIZE_NEAREST_NEIGHBOR', 'ResizeNearestNeighborOptions'),

  slice: {
    read: {
      SLICE: (op) => {
        const x = op.input(0);
        const [begin, size] = [op.ints(1), op.ints(2)];
        if (begin.length !== x.shape.length || size.length !== x.shape.length)
          throw op.corrupt(`slices ${begin.length} of ${x.shape.length} dimensions`);
        return { attrs: { begin, size }, inputs: [x] };
      },
    },
    write: (op, target) => {
      const { begin, size } = op.attrs;
      const rank = begin.length;
      return {
        builtin: 'SLICE',
        version: rank > 4 ? 5 : int8Version(op, target),
        options: { table: 'SliceOptions', fields: {} },
        inputs: [
          op.inputs[0]!,
          target.constant(`${op.id}/begin`, 'int32', Int32Array.from(begin), [rank]),
          target.constant(`${op.id}/size`, 'int32', Int32Array.from(size), [rank]),
        ],
      };
    },
  },

  stridedSlice: {
    read: {
      STRIDED_SLICE: (op) => {
        const x = op.input(0);
        const options = op.options('StridedSliceOptions');
        if (options.ellipsisMask !== 0 || options.newAxisMask !== 0) throw op.unsupported('ellipsis or new-axis masks');
        if (options.offset) throw op.unsupported('end values given as offsets');
        const rank = x.shape.length;
        const [from, to, by] = [op.ints(1), op.ints(2), op.ints(3)];
        if (from.length > rank || to.length !== from.length || by.length !== from.length)
          throw op.corrupt(`slices ${from.length} of ${rank} dimensions`);
        const has = (mask: number, axis: number) => (mask & (1 << axis)) !== 0;
        const axes = x.shape.map((size, axis) =>
          axis < from.length
            ? resolve(op, size, {
                begin: has(options.beginMask, axis) ? null : from[axis],
                end: has(options.endMask, axis) ? null : to[axis],
                stride: by[axis],
                shrinks: has(options.shrinkAxisMask, axis),
              })
            : resolve(op, size, { begin: null, end: null, stride: 1, shrinks: false }),
        );
        return {
          attrs: {
            begin: axes.map(({ begin }) => begin),
            end: axes.map(({ end }) => end),
            strides: axes.map(({ stride }) => stride),
            shrinkAxes: axes.flatMap(({ shrinks }, axis) => (shrinks ? [axis] : [])),
          },
          inputs: [x],
        };
      },
    },
    write: (op, target) => {
      const { begin, end, strides, shrinkAxes } = op.attrs;
      const rank = begin.length;
      const list = (name: string, values: readonly number[]) =>
        target.constant(`${op.id}/${name}`, 'int32', Int32Array.from(values), [rank]);
      return {
        builtin: 'STRIDED_SLICE',
        version: rank > 4 ? 4 : int8Version(op, target),
        options: {
          table: 'StridedSliceOptions',
          fields: {
            // -1 would count from the end of the axis: it stands for all of the batch, and for "down to the first".
            endMask: end.reduce((mask, value, axis) => (value === -1 ? mask | (1 << axis) : mask), 0),
            shrinkAxisMask: shrinkAxes.reduce((mask, axis) => mask | (1 << axis), 0),
          },
        },
        inputs: [op.inputs[0]!, list('begin', begin), list('end', end), list('strides', strides)],
      };
    },
  },
};

interface Range<I> {
  readonly begin: I;
  readonly end: I;
  readonly stride: number;
  readonly shrinks: boolean;
}

/** One axis of a strided slice with masks (null) and negative indices resolved; the whole batch ends at BATCH. */
function resolve(op: SourceOp, size: number, { begin, end, stride, shrinks }: Range<number | null>): Range<number> {
  if (stride === 0) throw op.corrupt('has stride 0');
  if (size === BATCH) return { begin: begin ?? 0, end: end ?? BATCH, stride, shrinks };
  const [lowest, highest] = stride > 0 ? [0, size] : [-1, size - 1];
  const place = (index: number) => Math.max(lowest, Math.min(highest, index < 0 ? index + size : index));
  const first = begin === null ? (stride > 0 ? 0 : size - 1) : place(begin);
  if (shrinks) return { begin: first, end: first + 1, stride: 1, shrinks };
  return { begin: first, end: end === null ? (stride > 0 ? size : -1) : place(end), stride, shrinks };
}

function resize(builtin: string, table: 'ResizeBilinearOptions' | 'ResizeNearestNeighborOptions'): SharedRow<Resize> {
  return {
    read: {
      [builtin]: (op) => {
        const { alignCorners, halfPixelCenters } = op.options(table);
        if (alignCorners && halfPixelCenters) throw op.unsupported('aligned corners and half-pixel centers at once');
        const [height, width] = op.ints(1);
        positive(op, 'size', height ?? NaN, width ?? NaN);
        return { attrs: { size: [height, width], alignCorners, halfPixelCenters }, inputs: [op.input(0)] };
      },
    },
    write: (op, target) => {
      const { size, alignCorners, halfPixelCenters } = op.attrs;
      const late = halfPixelCenters || (alignCorners && builtin === 'RESIZE_NEAREST_NEIGHBOR');
      return {
        builtin,
        version: late ? 3 : int8Version(op, target),
        options: { table, fields: { alignCorners, halfPixelCenters } },
        inputs: [op.inputs[0]!, target.constant(`${op.id}/size`, 'int32', Int32Array.from(size), [2])],
      };
    },
  };
}
