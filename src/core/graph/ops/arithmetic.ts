import { broadcastShapes } from '../broadcast';
import type { QuantRule, SharedDefinition } from './definition';
import { inputShape, noMacs, reject, show } from './rules';

type Arithmetic =
  'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'pow' | 'squaredDifference' | 'floorDiv' | 'floorMod';

const WHOLE = 'its int8 kernel takes codes for whole numbers, without scale and zero point';

function arithmetic<K extends Arithmetic>(
  kind: K,
  label: string,
  quant: QuantRule = { kind: 'free' },
): SharedDefinition<Arithmetic, K> {
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
    quant,
  };
}

export const add = arithmetic('add', 'Add');
export const sub = arithmetic('sub', 'Sub');
export const mul = arithmetic('mul', 'Mul');
export const div = arithmetic('div', 'Div', {
  kind: 'float-only',
  reason: "LiteRT's int8 kernel for division fails where int8 rounds a divisor to zero",
});
export const maximum = arithmetic('maximum', 'Maximum', { kind: 'same-scale' });
export const minimum = arithmetic('minimum', 'Minimum', { kind: 'same-scale' });
export const pow = arithmetic('pow', 'Pow', { kind: 'float-only', reason: 'LiteRT has no int8 kernel for powers' });
export const squaredDifference = arithmetic('squaredDifference', 'Squared difference');
export const floorDiv = arithmetic('floorDiv', 'Floor div', { kind: 'float-only', reason: WHOLE });
export const floorMod = arithmetic('floorMod', 'Floor mod', { kind: 'float-only', reason: WHOLE });
