import { BATCH, type Shape } from '../graph';
import type { Op, Pair } from './attrs';
import type { OpDefinition } from './definition';
import { axisOf, checkCounts, inputShape, noMacs, reject, show } from './rules';

function checkRank(op: Op, x: Shape, what: string, values: readonly unknown[]): void {
  if (values.length !== x.length) reject(op, `${values.length} ${what} for the ${x.length} dimensions of ${show(x)}`);
}

function padded(op: Op, x: Shape, paddings: readonly Pair[]): Shape[] {
  checkRank(op, x, 'paddings', paddings);
  for (const pair of paddings) checkCounts(op, 'padding', pair, 0);
  if (x[0] === BATCH && (paddings[0][0] !== 0 || paddings[0][1] !== 0)) reject(op, 'it pads the batch');
  return [x.map((d, i) => (d === BATCH && i === 0 ? BATCH : d + paddings[i][0] + paddings[i][1]))];
}

export const pad: OpDefinition<'pad'> = {
  kind: 'pad',
  label: 'Pad',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => padded(op, inputShape(op, context), op.attrs.paddings),
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const mirrorPad: OpDefinition<'mirrorPad'> = {
  kind: 'mirrorPad',
  label: 'Mirror pad',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { paddings, mode } = op.attrs;
    const border = mode === 'reflect' ? 1 : 0;
    paddings.forEach((pair, axis) => {
      if (Math.max(...pair) > Math.max(x[axis] ?? 0, 1) - border)
        reject(op, `it mirrors ${show(pair)} values of the ${x[axis]} of dimension ${axis}`);
    });
    return padded(op, x, paddings);
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const slice: OpDefinition<'slice'> = {
  kind: 'slice',
  label: 'Slice',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { begin, size } = op.attrs;
    checkRank(op, x, 'begins', begin);
    checkRank(op, x, 'sizes', size);
    checkCounts(op, 'begin', begin, 0);
    checkCounts(op, 'size', size, -1);
    const length = (d: number, i: number) => {
      if (i === 0 && d === BATCH)
        return begin[0] === 0 && size[0] === -1 ? BATCH : reject(op, 'it takes only a part of the batch');
      const count = size[i] === -1 ? d - begin[i] : size[i];
      if (count < 1 || begin[i] + count > d)
        reject(op, `${size[i]} values from ${begin[i]} are not within the ${d} of dimension ${i}`);
      return count;
    };
    return [x.map(length)];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

/** Number of positions from begin (included) to end (excluded); a descending slice ends at -1 at the earliest. */
function strided(op: Op<'stridedSlice'>, axis: number, length: number): number {
  const [begin, end, stride] = [op.attrs.begin[axis], op.attrs.end[axis], op.attrs.strides[axis]];
  const whole = [begin, end, stride].every(Number.isSafeInteger);
  const inside = stride > 0 ? end >= 0 && end <= length : end >= -1 && end < length;
  const count = Math.ceil((end - begin) / stride);
  if (!whole || stride === 0 || begin < 0 || begin >= length || !inside || !(count > 0))
    reject(op, `${begin}:${end}:${stride} is empty or not within the ${length} of dimension ${axis}`);
  return count;
}

export const stridedSlice: OpDefinition<'stridedSlice'> = {
  kind: 'stridedSlice',
  label: 'Strided slice',
  arity: [1, 1],
  weightInputs: [],
  canonicalAttrs: (op, context) => {
    const rank = inputShape(op, context).length;
    return { ...op.attrs, shrinkAxes: op.attrs.shrinkAxes.map((axis) => axisOf(op, axis, rank)) };
  },
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { begin, end, strides } = op.attrs;
    checkRank(op, x, 'begins', begin);
    checkRank(op, x, 'ends', end);
    checkRank(op, x, 'strides', strides);
    const shrunken = new Set(op.attrs.shrinkAxes.map((axis) => axisOf(op, axis, x.length)));
    const dims = x.map((d, axis) => {
      if (axis > 0 || d !== BATCH) return strided(op, axis, d);
      const whole = begin[0] === 0 && end[0] === BATCH && strides[0] === 1 && !shrunken.has(0);
      return whole ? BATCH : reject(op, 'it takes only a part of the batch');
    });
    for (const axis of shrunken)
      if (dims[axis] !== 1) reject(op, `it drops dimension ${axis}, of which it takes ${dims[axis]} values`);
    return [dims.filter((_, axis) => !shrunken.has(axis))];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
