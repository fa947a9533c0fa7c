import { elementCount } from '../graph';
import type { OpDefinition } from './definition';
import { inputShape, reject, show } from './rules';

const X = 0;
const INPUT_WEIGHTS = [1, 2, 3, 4];
const RECURRENT_WEIGHTS = [5, 6, 7, 8];
const BIASES = [9, 10, 11, 12];

export const lstm: OpDefinition<'lstm'> = {
  kind: 'lstm',
  label: 'LSTM',
  arity: [13, 13],
  weightInputs: [...INPUT_WEIGHTS, ...RECURRENT_WEIGHTS, ...BIASES],
  shape: (op, context) => {
    const x = inputShape(op, context, X);
    if (x.length !== 3) reject(op, `its input is ${show(x)}, not three-dimensional`);
    const [batch, steps, width] = x as [number, number, number];
    const units = inputShape(op, context, INPUT_WEIGHTS[0])[0];
    const check = (indices: readonly number[], shape: readonly number[]) => {
      for (const index of indices) {
        const own = inputShape(op, context, index);
        if (own.join() !== shape.join()) reject(op, `its input ${index} is ${show(own)}, not ${show(shape)}`);
      }
    };
    check(INPUT_WEIGHTS, [units, width]);
    check(RECURRENT_WEIGHTS, [units, units]);
    check(BIASES, [units]);
    const sequence = [batch, steps, units];
    return [sequence, sequence];
  },
  macs: (_op, [x, weights], [output]) => elementCount(output) * (4 * (x![2] + weights![0])),
  quant: { kind: 'recurrent', weightInputs: [...INPUT_WEIGHTS, ...RECURRENT_WEIGHTS], biasInputs: BIASES },
};
