import { broadcastShapes } from '../broadcast';
import { BATCH } from '../graph';
import type { OpDefinition } from './definition';
import { axisOf, checkCounts, inputShape, keepBatch, noMacs, reject, show } from './rules';

export const gather: OpDefinition<'gather'> = {
  kind: 'gather',
  label: 'Gather',
  arity: [2, 2],
  weightInputs: [0],
  canonicalAttrs: (op, context) => ({ axis: axisOf(op, op.attrs.axis, inputShape(op, context).length) }),
  shape: (op, context) => {
    const [x, indices] = [inputShape(op, context, 0), inputShape(op, context, 1)];
    const axis = axisOf(op, op.attrs.axis, x.length);
    keepBatch(op, x, axis);
    const { dtype, data } = context.tensors[1]!;
    if (dtype !== 'int32' && dtype !== 'int64') reject(op, `its indices are of type ${dtype}`);
    if (data && !(data as Int32Array).every((i) => Number(i) >= 0 && Number(i) < x[axis]))
      reject(op, `it picks indices outside the ${x[axis]} of axis ${axis}`);
    if (indices[0] === BATCH && (axis !== 0 || x.includes(BATCH)))
      reject(op, `its indices ${show(indices)} differ from sample to sample along axis ${axis}`);
    return [[...x.slice(0, axis), ...indices, ...x.slice(axis + 1)]];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const gatherNd: OpDefinition<'gatherNd'> = {
  kind: 'gatherNd',
  label: 'GatherNd',
  arity: [2, 2],
  weightInputs: [0],
  shape: (op, context) => {
    const [x, indices] = [inputShape(op, context, 0), inputShape(op, context, 1)];
    const { dtype, data } = context.tensors[1]!;
    if (dtype !== 'int32' && dtype !== 'int64') reject(op, `its indices are of type ${dtype}`);
    const depth = indices.at(-1) ?? 0;
    if (depth < 1 || depth > x.length) reject(op, `tuples of ${depth} indices do not fit ${show(x)}`);
    keepBatch(op, x, 0);
    if (data && !(data as Int32Array).every((i, at) => Number(i) >= 0 && Number(i) < x[at % depth]))
      reject(op, `it picks indices outside ${show(x)}`);
    return [[...indices.slice(0, -1), ...x.slice(depth)]];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const broadcastTo: OpDefinition<'broadcastTo'> = {
  kind: 'broadcastTo',
  label: 'Broadcast to',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { shape } = op.attrs;
    checkCounts(op, 'shape', shape.slice(1));
    checkCounts(op, 'shape', shape.slice(0, 1), BATCH);
    const both = broadcastShapes(x, shape);
    if (!both || both.join() !== shape.join()) reject(op, `${show(x)} does not broadcast to ${show(shape)}`);
    if ((shape[0] === BATCH) !== (x.length === shape.length && x[0] === BATCH))
      reject(op, `it repeats ${show(x)} for each sample of ${show(shape)}`);
    return [shape];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const reverse: OpDefinition<'reverse'> = {
  kind: 'reverse',
  label: 'Reverse',
  arity: [1, 1],
  weightInputs: [],
  canonicalAttrs: (op, context) => {
    const rank = inputShape(op, context).length;
    return { axes: [...new Set(op.attrs.axes.map((axis) => axisOf(op, axis, rank)))].sort((a, b) => a - b) };
  },
  shape: (op, context) => {
    const x = inputShape(op, context);
    for (const axis of op.attrs.axes) keepBatch(op, x, axisOf(op, axis, x.length));
    return [x];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const tile: OpDefinition<'tile'> = {
  kind: 'tile',
  label: 'Tile',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { repeats } = op.attrs;
    checkCounts(op, 'repeats', repeats);
    if (repeats.length !== x.length) reject(op, `its repeats ${show(repeats)} do not fit ${show(x)}`);
    if (repeats[0] !== 1) keepBatch(op, x, 0);
    return [x.map((d, axis) => d * repeats[axis])];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
