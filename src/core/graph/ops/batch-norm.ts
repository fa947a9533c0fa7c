import { BATCH } from '../graph';
import type { OpDefinition } from './definition';
import { checkVector, inputShape, noMacs, reject } from './rules';

export const batchNorm: OpDefinition<'batchNorm'> = {
  kind: 'batchNorm',
  label: 'Batch normalization',
  arity: [5, 5],
  weightInputs: [1, 2, 3, 4],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const channels = x.at(-1);
    if (channels === undefined || (x.length === 1 && channels === BATCH)) reject(op, 'its input has no channels');
    inputShape(op, context, 3);
    inputShape(op, context, 4);
    ['gamma', 'beta', 'mean', 'variance'].forEach((what, i) => checkVector(op, context, i + 1, channels, what));
    if (!(op.attrs.epsilon >= 0)) reject(op, `its epsilon ${op.attrs.epsilon} is not a number from 0 up`);
    return [x];
  },
  macs: noMacs,
  quant: { kind: 'not-applicable' },
};
