import type { Op } from './attrs';
import type { QuantRule, SharedDefinition } from './definition';
import { axisOf, inputShape, keepBatch, noMacs } from './rules';

type Reduction = 'mean' | 'sum' | 'reduceMax' | 'reduceMin';

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
export const reduceMax = reduction('reduceMax', 'Max over axes', { kind: 'same-scale' });
export const reduceMin = reduction('reduceMin', 'Min over axes', { kind: 'same-scale' });
export const sum = reduction('sum', 'Sum', { kind: 'free' });
