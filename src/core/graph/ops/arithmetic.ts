import { broadcastShapes } from '../broadcast';
import type { SharedDefinition } from './definition';
import { inputShape, noMacs, reject, show } from './rules';

type Arithmetic = 'add' | 'sub' | 'mul';

function arithmetic<K extends Arithmetic>(kind: K, label: string): SharedDefinition<Arithmetic, K> {
  return {
    kind,
    label,
    arity: [2, 2],
    weightInputs: [],
    shape: (op, context) => {
      const a = inputShape(op, context, 0);
      const b = inputShape(op, context, 1);
      return [broadcastShapes(a, b) ?? reject(op, `its inputs ${show(a)} and ${show(b)} do not broadcast`)];
    },
    macs: noMacs,
    quant: { kind: 'free' },
  };
}

export const add = arithmetic('add', 'Add');
export const sub = arithmetic('sub', 'Subtract');
export const mul = arithmetic('mul', 'Multiply');
