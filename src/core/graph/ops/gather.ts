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
    if (data && !(data as Int32Array).every((i) => Number(i) >= 0 && Number(i) < x[axis]!))
      reject(op, `it picks indices outside the ${x[axis]} of axis ${axis}`);
    if (indices[0] === BATCH && (axis !== 0 || x.includes(BATCH)))
      reject(op, `its indices ${show(indices)} differ from sample to sample along axis ${axis}`);
    return [[...x.slice(0, axis), ...indices, ...x.slice(axis + 1)]];
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
    return [x.map((d, axis) => d * repeats[axis]!)];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
