import type { OpDefinition } from './definition';
import { axisOf, checkCounts, inputShape, keepBatch, noMacs, reject, show } from './rules';

export const concat: OpDefinition<'concat'> = {
  kind: 'concat',
  label: 'Concatenation',
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
      length += shape[axis];
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

/** No real model takes a tensor apart into more; a damaged file may ask for billions. */
const MOST_OUTPUTS = 65_536;

export const pack: OpDefinition<'pack'> = {
  kind: 'pack',
  label: 'Pack',
  arity: [1, Infinity],
  weightInputs: [],
  canonicalAttrs: (op, context) => ({ axis: axisOf(op, op.attrs.axis, inputShape(op, context).length + 1) }),
  shape: (op, context) => {
    const first = inputShape(op, context);
    const axis = axisOf(op, op.attrs.axis, first.length + 1);
    keepBatch(op, first, axis);
    for (let i = 0; i < op.inputs.length; i++) {
      const shape = inputShape(op, context, i);
      if (shape.join() !== first.join()) reject(op, `its inputs ${show(first)} and ${show(shape)} differ`);
    }
    return [first.toSpliced(axis, 0, op.inputs.length)];
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const unpack: OpDefinition<'unpack'> = {
  kind: 'unpack',
  label: 'Unpack',
  arity: [1, 1],
  weightInputs: [],
  canonicalAttrs: (op, context) => ({ axis: axisOf(op, op.attrs.axis, inputShape(op, context).length) }),
  shape: (op, context) => {
    const x = inputShape(op, context);
    const axis = axisOf(op, op.attrs.axis, x.length);
    keepBatch(op, x, axis);
    if (x[axis] > MOST_OUTPUTS) reject(op, `it has ${x[axis]} outputs`);
    return Array.from({ length: x[axis] }, () => x.toSpliced(axis, 1));
  },
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
