import { broadcastShapes } from '../broadcast';
import { BATCH } from '../graph';
import type { OpKind } from './attrs';
import type { OpDefinition, QuantRule, SharedDefinition } from './definition';
import { inputShape, noMacs, reject, sameShape, show } from './rules';

type Activation<K extends OpKind> = Omit<SharedDefinition<OpKind, K>, 'canonicalAttrs'>;

const FREE: QuantRule = { kind: 'free' };

function activation<K extends OpKind>(kind: K, label: string, quant: QuantRule): Activation<K> {
  return { kind, label, arity: [1, 1], weightInputs: [], shape: sameShape, macs: noMacs, quant };
}

export const relu = activation('relu', 'ReLU', FREE);
export const relu6 = activation('relu6', 'ReLU6', FREE);
export const leakyRelu = activation('leakyRelu', 'Leaky ReLU', FREE);
export const hardSwish = activation('hardSwish', 'Hard swish', FREE);
export const sigmoid = activation('sigmoid', 'Logistic', { kind: 'fixed-output', scale: 1 / 256, zeroPoint: -128 });
export const tanh = activation('tanh', 'Tanh', { kind: 'fixed-output', scale: 1 / 128, zeroPoint: 0 });
export const elu = activation('elu', 'ELU', {
  kind: 'float-only',
  reason: 'the 8-bit specification has no rule for ELU',
});

export const reluN1To1 = activation('reluN1To1', 'ReLU −1…1', FREE);
export const relu0To1 = activation('relu0To1', 'ReLU 0…1', FREE);
export const gelu: OpDefinition<'gelu'> = activation('gelu', 'GELU', FREE);

/** Ops over the last axis, which therefore has to be there. */
const classesShape: OpDefinition['shape'] = (op, context) => {
  const x = inputShape(op, context);
  if (x.length === 0 || (x.length === 1 && x[0] === BATCH)) reject(op, 'its input has no classes');
  return [x];
};

export const logSoftmax: OpDefinition<'logSoftmax'> = {
  ...activation('logSoftmax', 'Log softmax', { kind: 'fixed-output', scale: 16 / 256, zeroPoint: 127 }),
  shape: classesShape,
};

export const l2Normalization: OpDefinition<'l2Normalization'> = {
  ...activation('l2Normalization', 'L2 normalization', { kind: 'fixed-output', scale: 1 / 128, zeroPoint: 0 }),
  shape: classesShape,
};

export const softmax: OpDefinition<'softmax'> = {
  ...activation('softmax', 'Softmax', { kind: 'fixed-output', scale: 1 / 256, zeroPoint: -128 }),
  shape: classesShape,
};

export const prelu: OpDefinition<'prelu'> = {
  ...activation('prelu', 'PReLU', FREE),
  arity: [2, 2],
  weightInputs: [1],
  shape: (op, context) => {
    const x = inputShape(op, context);
    const alpha = inputShape(op, context, 1);
    const both = broadcastShapes(x, alpha);
    if (!both || both.length !== x.length || both.some((d, i) => d !== x[i]))
      reject(op, `its alpha ${show(alpha)} does not broadcast over ${show(x)}`);
    return [x];
  },
};
