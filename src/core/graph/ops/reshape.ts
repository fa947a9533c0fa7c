import { BATCH, elementCount, type Shape } from '../graph';
import type { Op } from './attrs';
import type { OpDefinition } from './definition';
import { checkCounts, inputShape, noMacs, reject, sameShape, show } from './rules';

/** Fills in the one dimension given as -1; null where no whole number of values fits. */
function filled(shape: readonly number[], values: number): Shape | null {
  const known = shape.reduce((n, d) => (d === -1 ? n : n * d), 1);
  if (!shape.includes(-1)) return known === values ? shape : null;
  return known > 0 && values % known === 0 ? shape.map((d) => (d === -1 ? values / known : d)) : null;
}

function reshaped(op: Op<'reshape'>, x: Shape): Shape {
  const { shape } = op.attrs;
  checkCounts(op, 'shape', shape, -1);
  const symbolic = x[0] === BATCH;
  const perSample = symbolic ? shape.slice(1) : shape;
  if (symbolic && shape[0] !== BATCH)
    reject(op, `its shape ${show(shape)} mixes the batch of ${show(x)} with other dimensions`);
  if (perSample.filter((d) => d === -1).length > 1) reject(op, `its shape ${show(shape)} is not determined`);
  const dims = filled(perSample, elementCount(x));
  if (!dims) reject(op, `${show(x)} does not fit the shape ${show(shape)}`);
  return symbolic ? [BATCH, ...dims] : dims;
}

export const reshape: OpDefinition<'reshape'> = {
  kind: 'reshape',
  label: 'Reshape',
  arity: [1, 1],
  weightInputs: [],
  shape: (op, context) => [reshaped(op, inputShape(op, context))],
  macs: noMacs,
  quant: { kind: 'same-scale' },
};

export const identity: OpDefinition<'identity'> = {
  kind: 'identity',
  label: 'Identity',
  arity: [1, 1],
  weightInputs: [],
  shape: sameShape,
  macs: noMacs,
  quant: { kind: 'not-applicable' },
};
