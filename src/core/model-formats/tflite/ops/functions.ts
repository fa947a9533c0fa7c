/** Functions of one value and of two, and normalizations along the last axis. */
import type { Op } from '../../../graph/ops/attrs';
import { tensorType } from '../schema/enums';
import { activationCode, broadcastsOver4, int8Version, type OpRows, type Target } from './row';
import { pairwise, plain } from './simple';

type Plain =
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'square'
  | 'abs'
  | 'neg'
  | 'reluN1To1'
  | 'relu0To1'
  | 'logSoftmax'
  | 'floor'
  | 'ceil'
  | 'round'
  | 'sign'
  | 'sin'
  | 'cos';
type Pairwise = 'maximum' | 'minimum' | 'pow' | 'squaredDifference' | 'floorDiv' | 'floorMod';

const first = (): number => 1;

export const FUNCTIONS: OpRows<Plain | Pairwise | 'div' | 'gelu' | 'l2Normalization' | 'cast'> = {
  exp: plain('EXP', int8Version, 'ExpOptions'),
  log: plain('LOG', first),
  sqrt: plain('SQRT', first),
  rsqrt: plain('RSQRT', first),
  square: plain('SQUARE', first, 'SquareOptions'),
  abs: plain('ABS', int8Version, 'AbsOptions'),
  neg: plain('NEG', first, 'NegOptions'),
  floor: plain('FLOOR', first),
  ceil: plain('CEIL', first),
  round: plain('ROUND', first),
  sign: plain('SIGN', first, 'SignOptions'),
  sin: plain('SIN', first),
  cos: plain('COS', first, 'CosOptions'),
  reluN1To1: plain('RELU_N1_TO_1', first),
  relu0To1: plain('RELU_0_TO_1', first),
  logSoftmax: plain('LOG_SOFTMAX', int8Version, 'LogSoftmaxOptions'),

  maximum: pairwise('MAXIMUM', 'MaximumMinimumOptions', extremeVersion),
  minimum: pairwise('MINIMUM', 'MaximumMinimumOptions', extremeVersion),
  pow: pairwise('POW', 'PowOptions', first),
  squaredDifference: pairwise('SQUARED_DIFFERENCE', 'SquaredDifferenceOptions', int8Version),
  floorDiv: pairwise('FLOOR_DIV', 'FloorDivOptions', (op, target) => (isReal(op, target) ? 2 : 1)),
  floorMod: pairwise('FLOOR_MOD', 'FloorModOptions', first),
  div: {
    read: {
      DIV: (op) => ({
        attrs: {},
        inputs: [op.input(0), op.input(1)],
        activation: op.activation(op.options('DivOptions').fusedActivation),
      }),
    },
    write: (op, target) => ({
      builtin: 'DIV',
      version: broadcastsOver4(op, target) ? 2 : 1,
      options: { table: 'DivOptions', fields: { fusedActivation: activationCode(op.activation) } },
      inputs: op.inputs,
    }),
  },

  gelu: {
    read: { GELU: (op) => ({ attrs: { approximate: op.options('GeluOptions').approximate }, inputs: [op.input(0)] }) },
    write: (op, target) => ({
      builtin: 'GELU',
      version: int8Version(op, target),
      options: { table: 'GeluOptions', fields: { approximate: op.attrs.approximate } },
      inputs: op.inputs,
    }),
  },
  l2Normalization: {
    read: {
      L2_NORMALIZATION: (op) => ({
        attrs: {},
        inputs: [op.input(0)],
        activation: op.activation(op.options('L2NormOptions').fusedActivation),
      }),
    },
    write: (op, target) => ({
      builtin: 'L2_NORMALIZATION',
      version: int8Version(op, target),
      options: { table: 'L2NormOptions', fields: { fusedActivation: activationCode(op.activation) } },
      inputs: op.inputs,
    }),
  },
  cast: {
    read: {
      CAST: (op) => ({ attrs: { to: op.outputType }, inputs: [op.input(0)] }),
    },
    write: (op, target) => ({
      builtin: 'CAST',
      version: 1,
      options: {
        table: 'CastOptions',
        fields: { inType: tensorType(target.tensor(op.inputs[0]!).dtype), outType: tensorType(op.attrs.to) },
      },
      inputs: op.inputs,
    }),
  },
};

function isReal(op: Op, target: Target): boolean {
  return target.tensor(op.inputs[0]!).dtype === 'float32';
}

function extremeVersion(op: Op, target: Target): number {
  return broadcastsOver4(op, target) ? 3 : int8Version(op, target);
}
