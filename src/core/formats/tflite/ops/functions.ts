/** Functions of one value and of two, and normalizations along the last axis. */
import type { Op } from '../../../graph/ops/attrs';
import { tensorType } from '../schema/enums';
import type { Draft } from '../schema/tables';
import { activationCode, int8Version, type OpRows, type SharedRow, type Target, type WrittenOptions } from './row';

type Plain = 'exp' | 'log' | 'sqrt' | 'rsqrt' | 'square' | 'abs' | 'neg' | 'reluN1To1' | 'logSoftmax';
type Pairwise = 'maximum' | 'minimum' | 'pow' | 'squaredDifference';

const first = (): number => 1;

export const FUNCTIONS: OpRows<Plain | Pairwise | 'div' | 'gelu' | 'l2Normalization' | 'cast'> = {
  exp: plain('EXP', int8Version, 'ExpOptions'),
  log: plain('LOG', first),
  sqrt: plain('SQRT', first),
  rsqrt: plain('RSQRT', first),
  square: plain('SQUARE', first, 'SquareOptions'),
  abs: plain('ABS', int8Version, 'AbsOptions'),
  neg: plain('NEG', first, 'NegOptions'),
  reluN1To1: plain('RELU_N1_TO_1', first),
  logSoftmax: plain('LOG_SOFTMAX', int8Version, 'LogSoftmaxOptions'),

  maximum: pairwise('MAXIMUM', 'MaximumMinimumOptions', extremeVersion),
  minimum: pairwise('MINIMUM', 'MaximumMinimumOptions', extremeVersion),
  pow: pairwise('POW', 'PowOptions', first),
  squaredDifference: pairwise('SQUARED_DIFFERENCE', 'SquaredDifferenceOptions', int8Version),
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

type Version = (op: Op, target: Target) => number;
/** Tables without fields. */
type Empty = Exclude<
  { [N in WrittenOptions['table']]: keyof Draft<N> extends never ? N : never }[WrittenOptions['table']],
  never
>;

/** One input; the options table, where there is one, is empty. */
function plain(builtin: string, version: Version, table?: Empty): SharedRow<Plain> {
  return {
    read: { [builtin]: (op) => ({ attrs: {}, inputs: [op.input(0)] }) },
    write: (op, target) => ({
      builtin,
      version: version(op, target),
      ...(table && { options: { table, fields: {} } satisfies WrittenOptions }),
      inputs: op.inputs,
    }),
  };
}

function pairwise(builtin: string, table: Empty, version: Version): SharedRow<Pairwise> {
  return {
    read: { [builtin]: (op) => ({ attrs: {}, inputs: [op.input(0), op.input(1)] }) },
    write: (op, target) => ({
      builtin,
      version: version(op, target),
      options: { table, fields: {} },
      inputs: op.inputs,
    }),
  };
}

function extremeVersion(op: Op, target: Target): number {
  return broadcastsOver4(op, target) ? 3 : int8Version(op, target);
}

function broadcastsOver4(op: Op, target: Target): boolean {
  const [a, b] = op.inputs.map((id) => target.tensor(id!).shape);
  return Math.max(a!.length, b!.length) > 4 && String(a) !== String(b);
}
