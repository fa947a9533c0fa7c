/** Ops that pick, repeat, mirror or stack codes: inputs and outputs share scale and zero point. */
import { broadcastStrides, stridesOf } from '../../../core/graph/broadcast';
import { elementCount } from '../../../core/graph/graph';
import { codes, required, type Kernel } from '../kernel';
import { stridedCopy } from './strided-copy';

/** Distance between slices on both sides of an axis: [indices before it, its own length, values behind it]. */
function around(shape: readonly number[], axis: number): [number, number, number] {
  return [elementCount(shape.slice(0, axis)), shape[axis] ?? 1, elementCount(shape.slice(axis + 1))];
}

export const gather: Kernel<'gather'> =
  (op) =>
  (inputs, [out]) => {
    const source = codes(inputs, 0);
    const indices = required(inputs, 1).data;
    const [outer, length, inner] = around(required(inputs, 0).shape, op.attrs.axis);
    const target = out.data as Int8Array;
    let at = 0;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < indices.length; i++, at += inner) {
        const from = (o * length + Number(indices[i])) * inner;
        target.set(source.subarray(from, from + inner), at);
      }
  };

/** Values at positions worked out for each axis by itself. */
function pick(
  source: Int8Array,
  shape: readonly number[],
  target: Int8Array,
  result: readonly number[],
  position: (i: number, axis: number) => number,
): void {
  const strides = stridesOf(shape);
  const offsets = result.map((length, axis) =>
    Int32Array.from({ length }, (_, i) => position(i, axis) * strides[axis]),
  );
  const index = result.map(() => 0);
  for (let at = 0; at < target.length; at++) {
    let from = 0;
    for (let axis = 0; axis < index.length; axis++) from += offsets[axis][index[axis]];
    target[at] = source[from];
    for (let axis = index.length - 1; axis >= 0 && ++index[axis] === result[axis]; axis--) index[axis] = 0;
  }
}

export const tile: Kernel<'tile'> =
  () =>
  (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    pick(codes(inputs, 0), shape, out.data as Int8Array, out.shape, (i, axis) => i % shape[axis]);
  };

export const mirrorPad: Kernel<'mirrorPad'> =
  (op) =>
  (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const repeated = op.attrs.mode === 'symmetric' ? 1 : 0;
    pick(codes(inputs, 0), shape, out.data as Int8Array, out.shape, (i, axis) => {
      const position = i - op.attrs.paddings[axis][0];
      const last = shape[axis] - 1;
      if (position < 0) return -position - repeated;
      return position > last ? 2 * last - position + repeated : position;
    });
  };

export const pack: Kernel<'pack'> =
  (op) =>
  (inputs, [out]) => {
    const [outer, count, inner] = around(out.shape, op.attrs.axis);
    inputs.forEach((_, part) => {
      const source = codes(inputs, part);
      for (let o = 0; o < outer; o++)
        (out.data as Int8Array).set(source.subarray(o * inner, (o + 1) * inner), (o * count + part) * inner);
    });
  };

export const unpack: Kernel<'unpack'> = (op) => (inputs, outputs) => {
  const source = codes(inputs, 0);
  const [outer, count, inner] = around(required(inputs, 0).shape, op.attrs.axis);
  outputs.forEach((out, part) => {
    for (let o = 0; o < outer; o++) {
      const from = (o * count + part) * inner;
      (out.data as Int8Array).set(source.subarray(from, from + inner), o * inner);
    }
  });
};

export const gatherNd: Kernel<'gatherNd'> =
  () =>
  (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const source = codes(inputs, 0);
    const indices = required(inputs, 1);
    const depth = indices.shape.at(-1)!;
    const strides = stridesOf(shape);
    const inner = elementCount(shape.slice(depth));
    const target = out.data as Int8Array;
    for (let tuple = 0; tuple * inner < target.length; tuple++) {
      let from = 0;
      for (let d = 0; d < depth; d++) from += Number(indices.data[tuple * depth + d]) * strides[d];
      target.set(source.subarray(from, from + inner), tuple * inner);
    }
  };

export const broadcastTo: Kernel<'broadcastTo'> =
  () =>
  (inputs, [out]) => {
    const { shape, data } = required(inputs, 0);
    const from = { offset: 0, strides: broadcastStrides(shape, out.shape) };
    stridedCopy(data, from, out.data, { offset: 0, strides: stridesOf(out.shape) }, out.shape);
  };

export const reverse: Kernel<'reverse'> =
  (op) =>
  (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const turned = new Set(op.attrs.axes);
    pick(codes(inputs, 0), shape, out.data as Int8Array, out.shape, (i, axis) =>
      turned.has(axis) ? shape[axis] - 1 - i : i,
    );
  };

/** The condition is of type bool; codes of both alternatives are on the output's scale. */
export const select: Kernel<'select'> =
  () =>
  (inputs, [out]) => {
    const operands = inputs.map((_, i) => required(inputs, i));
    const strides = operands.map(({ shape }) => broadcastStrides(shape, out.shape));
    const index = out.shape.map(() => 0);
    for (let at = 0; at < out.data.length; at++) {
      const value = (i: number) =>
        Number(operands[i].data[index.reduce((offset, position, d) => offset + position * strides[i][d], 0)]);
      out.data[at] = value(value(0) !== 0 ? 1 : 2);
      for (let d = index.length - 1; d >= 0 && ++index[d] === out.shape[d]; d--) index[d] = 0;
    }
  };
