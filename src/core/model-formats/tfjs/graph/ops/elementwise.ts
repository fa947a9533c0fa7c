/** Arithmetic, functions and activations. */
import type { Call, OpTable, Translate } from '../call';
import { isKnown } from '../value';

type Plain =
  | 'relu'
  | 'relu6'
  | 'sigmoid'
  | 'tanh'
  | 'elu'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'square'
  | 'abs'
  | 'neg'
  | 'logSoftmax'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'maximum'
  | 'minimum'
  | 'pow'
  | 'squaredDifference';

const unary =
  (kind: Plain): Translate =>
  (call) =>
    call.op<Plain>(kind, [call.tensor(0)], {});

const binary =
  (kind: Plain): Translate =>
  (call) =>
    call.op<Plain>(kind, [call.tensor(0), call.tensor(1)], {});

function scalarOf(call: Call, index: number): number | undefined {
  const value = call.value(index);
  return isKnown(value) && value.values.length === 1 ? value.values[0] : undefined;
}

/** A clip to bounds that an op has of its own is that op. */
function clip(call: Call): ReturnType<Translate> {
  const x = call.tensor(0);
  const bounds = `${scalarOf(call, 1)} ${scalarOf(call, 2)}`;
  if (bounds === '0 6') return call.op('relu6', [x], {});
  if (bounds === '-1 1') return call.op('reluN1To1', [x], {});
  return call.op('minimum', [call.op('maximum', [x, call.tensor(1)], {}), call.tensor(2)], {});
}

/** log(1 + eˣ) as relu(x) + log(1 + e^−|x|), which does not overflow. */
function softplus(call: Call): ReturnType<Translate> {
  const x = call.tensor(0);
  const power = call.op('exp', [call.op('neg', [call.op('abs', [x], {})], {})], {});
  const rest = call.op('log', [call.op('add', [power, call.scalar(1)], {})], {});
  return call.op('add', [call.op('relu', [x], {}), rest], {});
}

export const ELEMENTWISE: OpTable = {
  Add: binary('add'),
  AddV2: binary('add'),
  BiasAdd: (call) => {
    call.node.requireChannelsLast();
    return call.op('add', [call.tensor(0), call.tensor(1)], {});
  },
  AddN: (call) => call.tensors().reduce((a, b) => call.op('add', [a, b], {})),
  Sub: binary('sub'),
  Mul: binary('mul'),
  RealDiv: binary('div'),
  Div: binary('div'),
  Maximum: binary('maximum'),
  Minimum: binary('minimum'),
  Pow: binary('pow'),
  SquaredDifference: binary('squaredDifference'),
  Relu: unary('relu'),
  Relu6: unary('relu6'),
  Sigmoid: unary('sigmoid'),
  Tanh: unary('tanh'),
  Elu: unary('elu'),
  Exp: unary('exp'),
  Log: unary('log'),
  Sqrt: unary('sqrt'),
  Rsqrt: unary('rsqrt'),
  Square: unary('square'),
  Abs: unary('abs'),
  Neg: unary('neg'),
  LogSoftmax: unary('logSoftmax'),
  Softmax: (call) => call.op('softmax', [call.tensor(0)], { beta: 1 }),
  LeakyRelu: (call) => call.op('leakyRelu', [call.tensor(0)], { alpha: call.node.number('alpha', 0.2) }),
  Prelu: (call) => call.op('prelu', [call.tensor(0), call.tensor(1)], {}),
  Softplus: softplus,
  ClipByValue: clip,
  Reciprocal: (call) => call.op('div', [call.scalar(1), call.tensor(0)], {}),
  Cast: (call) => {
    const to = call.node.type('DstT');
    if (to === 'bool') return call.op('notEqual', [call.tensor(0), call.zeroLike(0)], {});
    if (to !== 'float32' && to !== 'int32') throw call.node.unsupported('a cast to another type than numbers');
    const x = call.tensor(0);
    return call.dtype(x) === to ? x : call.op('cast', [x], { to });
  },
};
