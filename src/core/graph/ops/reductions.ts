import type { Op } from './attrs';
import type { OpDefinition, QuantRule, SharedDefinition } from './definition';
import { axisOf, checkCounts, inputShape, keepBatch, noMacs, reject, sameShape } from './rules';

type Reduction = 'mean' | 'sum' | 'reduceMax' | 'reduceMin' | 'reduceProd' | 'reduceAny' | 'reduceAll';

/** Axes counted from the front, ascending, each once. */
function axesOf(op: Op<Reduction>, rank: number): number[] {
  return [...new Set(op.attrs.axes.map((axis) => axisOf(op, axis, rank)))].sort((a, b) => a - b);
}

function reduction<K extends Reduction>(kind: K, label: string, quant: QuantRule): SharedDefinition<Reduction, K> {
  return {
    kind,
    label,
    arity: [1, 1],
    weightInputs: [],
    canonicalAttrs: (op, context) => ({ ...op.attrs, axes: axesOf(op, inputShape(op, context).length) }),
    shape: (op, context) => {
      const x = inputShape(op, context);
      const axes = new Set(axesOf(op, x.length));
      if (axes.has(0)) keepBatch(op, x, 0);
      if (op.attrs.keepDims) return [x.map((d, i) => (axes.has(i) ? 1 : d))];
      return [x.filter((_, i) => !axes.has(i))];
    },
    macs: noMacs,
    quant,
  };
}

export const mean = reduction('mean', 'Mean', { kind: 'free' });
export const reduceMax = reduction('reduceMax', 'Reduce max', { kind: 'same-scale' });
export const reduceMin = reduction('reduceMin', 'Reduce min', { kind: 'same-scale' });
export const sum = reduction('sum', 'Sum', { kind: 'free' });
export const reduceProd = reduction('reduceProd', 'Reduce prod', {
  kind: 'float-only',
  reason: "LiteRT's int8 kernel for products rounds after every factor and forgets scales where there is one",
});

const LOGICAL: QuantRule = { kind: 'float-only', reason: 'it works on truth values, which are not quantized' };

export const reduceAny = reduction('reduceAny', 'Reduce any', LOGICAL);
export const reduceAll = reduction('reduceAll', 'Reduce all', LOGICAL);

export const cumsum: OpDefinition<'cumsum'> = {
  kind: 'cumsum',
  label: 'Cumsum',
  arity: [1, 1],
  weightInputs: [],
  canonicalAttrs: (op, context) => ({
    ...op.attrs,
    axis: axisOf(op, op.attrs.axis, inputShape(op, context).length),
  }),
  shape: (op, context) => {
    const x = inputShape(op, context);
    keepBatch(op, x, axisOf(op, op.attrs.axis, x.length));
    return sameShape(op, context);
  },
  macs: noMacs,
  quant: { kind: 'float-only', reason: 'LiteRT has no int8 kernel for cumulative sums' },
};

type Position = 'argMax' | 'argMin';

function position<K extends Position>(kind: K, label: string): SharedDefinition<Position, K> {
  return {
    kind,
    label,
    arity: [1, 1],
    weightInputs: [],
    canonicalAttrs: (op, context) => ({
      ...op.attrs,
      axis: axisOf(op, op.attrs.axis, inputShape(op, context).length),
    }),
    shape: (op, context) => {
      const x = inputShape(op, context);
      const axis = axisOf(op, op.attrs.axis, x.length);
      keepBatch(op, x, axis);
      return [x.toSpliced(axis, 1)];
    },
    types: ({ to }) => [to],
    macs: noMacs,
    quant: { kind: 'free' },
  };
}

export const argMax = position('argMax', 'ArgMax');
export const argMin = position('argMin', 'ArgMin');

export const topK: OpDefinition<'topK'> = {
  kind: 'topK',
  label: 'TopK',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const { k } = op.attrs;
    checkCounts(op, 'number of values', [k]);
    if (x.length === 0 || k > x.at(-1)!) reject(op, `it takes ${k} values of the ${x.at(-1) ?? 1} of its last axis`);
    keepBatch(op, x, x.length - 1);
    const shape = x.with(-1, k);
    return [shape, shape];
  },
  types: (_attrs, [type]) => [type, 'int32'],
  macs: noMacs,
  quant: { kind: 'same-scale' },
};
