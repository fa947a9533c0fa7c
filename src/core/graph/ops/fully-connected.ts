import { BATCH, elementCount } from '../graph';
import type { OpDefinition } from './definition';
import { checkVector, inputShape, reject, show } from './rules';

export const fullyConnected: OpDefinition<'fullyConnected'> = {
  kind: 'fullyConnected',
  label: 'Fully connected',
  arity: [2, 3],
  weightInputs: [1, 2],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const weights = inputShape(op, context, 1);
    if (weights.length !== 2) reject(op, `its weights are ${show(weights)}, not two-dimensional`);
    const [units, inputs] = weights as [number, number];
    checkVector(op, context, 2, units, 'its bias');
    if (op.attrs.keepDims) {
      if (x.at(-1) !== inputs) reject(op, `weights ${show(weights)} do not fit an input of ${show(x)}`);
      return [[...x.slice(0, -1), units]];
    }
    const values = elementCount(x);
    if (x[0] === BATCH ? values !== inputs : values % inputs !== 0)
      reject(op, `weights ${show(weights)} do not fit an input of ${show(x)}`);
    return [[x[0] === BATCH ? BATCH : values / inputs, units]];
  },
  macs: (_op, [, weights], [output]) => elementCount(output) * weights![1],
  quant: { kind: 'weighted', weightInput: 1, biasInput: 2, axis: 0 },
};
