/** Arithmetic, activations and the borders between float and integer regions. */
import type { Op } from '../../../graph/ops/attrs';
import { activationCode, broadcastsOver4, int8Version, isInt8, type OpRows, type Target } from './row';
import { plain } from './simple';

type Plain = 'sigmoid' | 'tanh' | 'relu' | 'relu6' | 'elu';

export const ELEMENTWISE: OpRows<
  'add' | 'sub' | 'mul' | 'softmax' | 'leakyRelu' | 'prelu' | 'hardSwish' | 'quantize' | 'dequantize' | Plain
> = {
  add: {
    read: {
      ADD: (op) => ({
        attrs: {},
        inputs: [op.input(0), op.input(1)],
        activation: op.activation(op.options('AddOptions').fusedActivation),
      }),
    },
    write: (op, target) => ({
      builtin: 'ADD',
      version: int8Version(op, target),
      options: {
        table: 'AddOptions',
        fields: { fusedActivation: activationCode(op.activation), ...anyScale(op, target) },
      },
      inputs: op.inputs,
    }),
  },
  sub: {
    read: {
      SUB: (op) => ({
        attrs: {},
        inputs: [op.input(0), op.input(1)],
        activation: op.activation(op.options('SubOptions').fusedActivation),
      }),
    },
    write: (op, target) => ({
      builtin: 'SUB',
      version: broadcastsOver4(op, target) ? 3 : int8Version(op, target),
      options: {
        table: 'SubOptions',
        fields: { fusedActivation: activationCode(op.activation), ...anyScale(op, target) },
      },
      inputs: op.inputs,
    }),
  },
  mul: {
    read: {
      MUL: (op) => ({
        attrs: {},
        inputs: [op.input(0), op.input(1)],
        activation: op.activation(op.options('MulOptions').fusedActivation),
      }),
    },
    write: (op, target) => ({
      builtin: 'MUL',
      version: enlarges(op, target) ? 3 : int8Version(op, target),
      options: { table: 'MulOptions', fields: { fusedActivation: activationCode(op.activation) } },
      inputs: op.inputs,
    }),
  },

  sigmoid: plain('LOGISTIC', int8Version),
  tanh: plain('TANH', int8Version),
  relu: plain('RELU', int8Version),
  relu6: plain('RELU6', int8Version),
  elu: plain('ELU', () => 1),

  hardSwish: {
    read: { HARD_SWISH: (op) => ({ attrs: {}, inputs: [op.input(0)] }) },
    write: (op) => ({
      builtin: 'HARD_SWISH',
      version: 1,
      options: { table: 'HardSwishOptions', fields: {} },
      inputs: op.inputs,
    }),
  },
  softmax: {
    read: {
      SOFTMAX: (op) => ({ attrs: { beta: op.options('SoftmaxOptions').beta }, inputs: [op.input(0)] }),
    },
    write: (op, target) => ({
      builtin: 'SOFTMAX',
      version: int8Version(op, target),
      options: { table: 'SoftmaxOptions', fields: { beta: op.attrs.beta } },
      inputs: op.inputs,
    }),
  },
  leakyRelu: {
    read: {
      LEAKY_RELU: (op) => ({ attrs: { alpha: op.options('LeakyReluOptions').alpha }, inputs: [op.input(0)] }),
    },
    write: (op) => ({
      builtin: 'LEAKY_RELU',
      version: 1,
      options: { table: 'LeakyReluOptions', fields: { alpha: op.attrs.alpha } },
      inputs: op.inputs,
    }),
  },
  prelu: {
    read: { PRELU: (op) => ({ attrs: {}, inputs: [op.input(0), op.input(1)] }) },
    write: (op) => ({ builtin: 'PRELU', version: 1, inputs: op.inputs }),
  },

  quantize: {
    read: { QUANTIZE: (op) => ({ attrs: {}, inputs: [op.input(0)] }) },
    write: (op) => ({
      builtin: 'QUANTIZE',
      version: 1,
      options: { table: 'QuantizeOptions', fields: {} },
      inputs: op.inputs,
    }),
  },
  dequantize: {
    read: { DEQUANTIZE: (op) => ({ attrs: {}, inputs: [op.input(0)] }) },
    write: (op, target) => ({
      builtin: 'DEQUANTIZE',
      version: int8Version(op, target),
      options: { table: 'DequantizeOptions', fields: {} },
      inputs: op.inputs,
    }),
  },
};

/** The first kernels of 16-bit sums took scales that are powers of two only, and are what files that say nothing get. */
function anyScale(op: Op<'add' | 'sub'>, target: Target): { potScaleInt16?: boolean } {
  return target.tensor(op.inputs[0]!).dtype === 'int16' ? { potScaleInt16: false } : {};
}

/** Kernels before version 3 cannot multiply by a factor of 1 or more. */
function enlarges(op: Op<'mul'>, target: Target): boolean {
  if (!isInt8(op, target)) return false;
  const [a, b, out] = [op.inputs[0]!, op.inputs[1]!, op.outputs[0]].map((id) => target.tensor(id).quant!.scale[0]);
  return (a * b) / out >= 1;
}
