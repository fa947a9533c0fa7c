import type { OpDefinition } from './definition';
import { axisOf, checkCounts, inputShape, keepBatch, noMacs, reject, show } from './rules';

export const concat: OpDefinition<'concat'> = {
  kind: 'concat',
  label: 'Concatenate',
  arity: [1, Infinity],
  weightInputs: [],
  canonicalAttrs: (op, context) => ({ axis: axisOf(op, op.attrs.axis, inputShape(op, context).length) }),
  shape: (op, context) => {
    const first = inputShape(op, context);
    const axis = axisOf(op, op.attrs.axis, first.length);
    keepBatch(op, first, axis);
    let length = 0;
    for (let i = 0; i < op.inputs.length; i++) {
      const shape = inputShape(op, context, i);
      if (shape.length !== first.length || shape.some((d, k) => k !== axis && d !== first[k]))
        reject(op, `its inputs ${show(first)} and ${show(shape)} differ off axis ${axis}`);
      length += shape[axis]!;
    }
    return [first.with(axis, length)];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const split: OpDefinition<'split'> = {
  kind: 'split',
  label: 'Split',
  arity: [1, 1],
  weightInputs: [],
  canonicalAttrs: (op, context) => ({
    ...op.attrs,
    axis: axisOf(op, op.attrs.axis, inputShape(op, context).length),
  }),
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { sizes } = op.attrs;
    const axis = axisOf(op, op.attrs.axis, x.length);
    keepBatch(op, x, axis);
    checkCounts(op, 'sizes', sizes);
    if (sizes.reduce((sum, size) => sum + size, 0) !== x[axis])
      reject(op, `its sizes ${show(sizes)} do not add up to the ${x[axis]} of axis ${axis}`);
    return sizes.map((size) => x.with(axis, size));
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
