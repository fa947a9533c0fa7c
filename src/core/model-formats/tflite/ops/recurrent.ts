/**
 * Sequence operators, unrolled into ops of the Graph. They start from a state of zero, as the first run of the file does;
 * of a single step nothing would be left of what they remember.
 */
import type { TensorId } from '../../../graph/graph';
import {
  MOST_STEPS,
  unrollLstm,
  unrollRnn,
  type Activation,
  type LstmWeights,
  type OpSink,
} from '../../../graph/unroll';
import type { SourceOp } from './row';

/** Adds what the operator computes; returns its outputs. */
export type Expansion = (op: SourceOp, sink: OpSink, use: (input: number) => TensorId) => readonly TensorId[];

const ACTIVATIONS: readonly (Activation | undefined)[] = [
  (_sink, x) => x,
  (sink, x) => sink.op('relu', [x], {}),
  (sink, x) => sink.op('reluN1To1', [x], {}),
  (sink, x) => sink.op('relu6', [x], {}),
  (sink, x) => sink.op('tanh', [x], {}),
];
const sigmoid: Activation = (sink, x) => sink.op('sigmoid', [x], {});

function activationOf(op: SourceOp, code: number): Activation {
  return ACTIVATIONS[code] ?? raise(op, `fused activation ${code}`);
}

function raise(op: SourceOp, feature: string): never {
  throw op.unsupported(feature);
}

/** The float values of a constant input. */
function values(op: SourceOp, index: number, shape: readonly number[]): Float32Array {
  const { data, shape: own } = op.input(index);
  if (!(data instanceof Float32Array)) return raise(op, `input ${index} that is not a float constant`);
  if (own.join() !== shape.join())
    throw op.corrupt(`has an input ${index} of [${own.join(', ')}], not [${shape.join(', ')}]`);
  return data;
}

const optional = (op: SourceOp, index: number, shape: readonly number[]) =>
  op.optional(index) ? values(op, index, shape) : null;

/** One after the other. */
function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Refuses what cannot be unrolled, before anything is added. */
function check(op: SourceOp, timeMajor: boolean): void {
  if (op.outputType !== 'float32') raise(op, `arithmetic of its own (${op.outputType})`);
  const { shape } = op.input(0);
  if (shape.length !== 3) throw op.corrupt(`has an input of ${shape.length} dimensions`);
  const steps = shape[timeMajor ? 0 : 1];
  if (steps < 2 || steps > MOST_STEPS)
    raise(op, steps < 2 ? 'its state, kept between runs of one step each' : `a sequence of ${steps} steps`);
}

/** [N, T, inputs], whichever of batch and time the file has first. */
function sequence(sink: OpSink, x: TensorId, timeMajor: boolean): TensorId {
  return timeMajor ? sink.op('transpose', [x], { permutation: [1, 0, 2] }) : x;
}

function packed(sink: OpSink, outputs: readonly TensorId[], timeMajor: boolean): readonly TensorId[] {
  return [sink.op('pack', outputs, { axis: timeMajor ? 0 : 1 })];
}

const GATES = ['input', 'forget', 'candidate', 'output'] as const;

/**
 * inputs: x, W of the four gates (input … candidate, output; the first may be left out), R of the four, three peepholes, four
 * biases, projection and its bias, two states, four layer norms.
 */
const lstm: Expansion = (op, sink, use) => {
  const options = op.options('UnidirectionalSequenceLSTMOptions');
  if (options.diagonalRecurrentTensors) raise(op, 'diagonal recurrent weights');
  check(op, options.timeMajor);
  const inputs = op.input(0).shape[2];
  const units = op.input(2).shape[0];
  const width = op.optional(16)?.shape[0] ?? units;
  const coupled = op.optional(1) === null;
  const gates = (first: number, columns: number | null) =>
    GATES.map((_, i) =>
      coupled && i === 0
        ? new Float32Array(units * (columns ?? 1))
        : values(op, first + i, columns === null ? [units] : [units, columns]),
    );
  const norms = op.optional(21)
    ? GATES.map((_, i) => (coupled && i === 0 ? null : values(op, 20 + i, [units])))
    : undefined;
  const weights: LstmWeights = {
    kernel: joined(gates(1, inputs)),
    recurrent: joined(gates(5, width)),
    bias: joined(gates(12, null)),
    units,
    peephole: [optional(op, 9, [units]), optional(op, 10, [units]), optional(op, 11, [units])],
    ...(norms && { norms }),
    ...(op.optional(16) && {
      projection: { kernel: values(op, 16, [width, units]), bias: optional(op, 17, [width]), outputs: width },
    }),
  };
  const activation = activationOf(op, options.fusedActivation);
  const cell = { gate: sigmoid, candidate: activation, output: activation, coupled };
  const x = sequence(sink, use(0), options.timeMajor);
  const { outputs } = unrollLstm(sink, x, weights, {
    ...cell,
    cellClip: options.cellClip,
    outputClip: options.projClip,
  });
  return packed(sink, outputs, options.timeMajor);
};

/** inputs: x, W, R, bias, state */
const rnn: Expansion = (op, sink, use) => {
  const { timeMajor, fusedActivation } = op.options('SequenceRNNOptions');
  check(op, timeMajor);
  const inputs = op.input(0).shape[2];
  const units = op.input(1).shape[0];
  const weights = {
    kernel: values(op, 1, [units, inputs]),
    recurrent: values(op, 2, [units, units]),
    bias: values(op, 3, [units]),
    units,
  };
  const activation = activationOf(op, fusedActivation);
  const { outputs } = unrollRnn(sink, sequence(sink, use(0), timeMajor), weights, { activation });
  return packed(sink, outputs, timeMajor);
};

export const EXPANSIONS: ReadonlyMap<string, Expansion> = new Map([
  ['UNIDIRECTIONAL_SEQUENCE_LSTM', lstm],
  ['UNIDIRECTIONAL_SEQUENCE_RNN', rnn],
]);
