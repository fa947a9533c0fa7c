/** LSTM, GRU and RNN over sequences of fixed length, unrolled. Gates and formulas: ONNX operator specification. */
import { lookup } from '../../../../base/lookup';
import type { TensorId } from '../../../graph/graph';
import { addLstm, OPS_OF_A_STEP, whyUnrolled } from '../../../graph/lstm';
import {
  MOST_STEPS,
  unrollGru,
  unrollLstm,
  unrollRnn,
  type Activation,
  type LstmWeights,
  type OpSink,
  type Recurrence,
  type Unrolled,
} from '../../../graph/unroll';
import { isConstantValue, type OnnxNode } from '../node';
import { NodeSink } from '../node-sink';
import { transposed } from '../layouts';
import type { OpRows } from './row';

const NAMED: Readonly<Record<string, (alpha?: number, beta?: number) => Activation>> = {
  sigmoid: () => (sink, x) => sink.op('sigmoid', [x], {}),
  tanh: () => (sink, x) => sink.op('tanh', [x], {}),
  relu: () => (sink, x) => sink.op('relu', [x], {}),
  elu: () => (sink, x) => sink.op('elu', [x], {}),
  leakyrelu:
    (alpha = 0.01) =>
    (sink, x) =>
      sink.op('leakyRelu', [x], { alpha }),
  affine:
    (alpha = 1, beta = 0) =>
    (sink, x) =>
      affine(sink, x, alpha, beta),
  scaledtanh:
    (alpha = 1, beta = 1) =>
    (sink, x) =>
      affine(sink, sink.op('tanh', [affine(sink, x, beta, 0)], {}), alpha, 0),
  hardsigmoid:
    (alpha = 0.2, beta = 0.5) =>
    (sink, x) =>
      affine(sink, sink.op('relu6', [affine(sink, x, 6 * alpha, 6 * beta)], {}), 1 / 6, 0),
};

function affine(sink: OpSink, x: TensorId, scale: number, shift: number): TensorId {
  const number = (value: number) => sink.constant(`${value}`, Float32Array.of(value), []);
  const scaled = scale === 1 ? x : sink.op('mul', [x, number(scale)], {});
  return shift === 0 ? scaled : sink.op('add', [scaled, number(shift)], {});
}

/** Which of them take an alpha and a beta: the lists hold values for these only. */
const TAKES_ALPHA: ReadonlySet<string> = new Set(['elu', 'leakyrelu', 'affine', 'scaledtanh', 'hardsigmoid']);
const TAKES_BETA: ReadonlySet<string> = new Set(['affine', 'scaledtanh', 'hardsigmoid']);

/** The activations of one direction by name, in lower case. */
function activationNames(node: OnnxNode, direction: number, defaults: readonly string[]): string[] {
  const names = (node.attrs.texts('activations') ?? []).map((name) => name.toLowerCase());
  return defaults.map((otherwise, i) => names[direction * defaults.length + i] ?? otherwise);
}

/** The activations of one direction. */
function activationsOf(node: OnnxNode, direction: number, defaults: readonly string[]): Activation[] {
  const names = (node.attrs.texts('activations') ?? []).map((name) => name.toLowerCase());
  const [alphas, betas] = [node.attrs.floats('activation_alpha'), node.attrs.floats('activation_beta')];
  const before = (at: number, takes: ReadonlySet<string>) => names.slice(0, at).filter((n) => takes.has(n)).length;
  return activationNames(node, direction, defaults).map((name, i) => {
    const at = direction * defaults.length + i;
    const make = lookup(NAMED, name);
    if (!make) return node.refuse(`its activation "${name}" is not modelled`);
    return make(alphas?.[before(at, TAKES_ALPHA)], betas?.[before(at, TAKES_BETA)]);
  });
}

/** What is known of one direction's cell. */
interface Cell {
  readonly units: number;
  readonly kernel: Float32Array;
  readonly recurrent: Float32Array;
  /** Added to the projected inputs and to the product with the state. */
  readonly biases: readonly [Float32Array, Float32Array] | null;
  readonly clip: number;
  readonly activations: readonly Activation[];
  readonly peephole: readonly Float32Array[];
}

type Unroll = (
  sink: OpSink,
  x: TensorId,
  cell: Cell,
  run: { initial: TensorId[] | null; reverse: boolean },
) => Unrolled;

interface Kind {
  readonly gates: number;
  readonly activations: readonly string[];
  /** Inputs with the first state: position of each. */
  readonly initial: readonly number[];
  readonly unroll: (node: OnnxNode) => Unroll;
  /** Of cells that there is an operator for. */
  readonly whole?: {
    /** Why a direction cannot be that operator, as {@link whyUnrolled} says. */
    readonly whyNot: (node: OnnxNode, cell: Cell, names: readonly string[], shape: WholeShape) => string | undefined;
    readonly add: (sink: OpSink, x: TensorId, cell: Cell, reverse: boolean) => Recurrence;
  };
}

interface WholeShape {
  readonly steps: number;
  readonly showsState: boolean;
}

/** Rows of gates in another order. */
function reordered(values: Float32Array, order: readonly number[]): Float32Array {
  const size = values.length / order.length;
  const result = new Float32Array(values.length);
  order.forEach((from, to) => result.set(values.subarray(from * size, (from + 1) * size), to * size));
  return result;
}

const sum = (biases: Cell['biases']) => biases && biases[0].map((b, i) => b + biases[1][i]);

/** ONNX: input, output, forget, cell; the Graph: input, forget, cell, output. */
const LSTM_ORDER = [0, 2, 3, 1];

function lstmWeights({ units, kernel, recurrent, biases, peephole: [i, o, f] }: Cell): LstmWeights {
  const bias = sum(biases);
  return {
    units,
    kernel: reordered(kernel, LSTM_ORDER),
    recurrent: reordered(recurrent, LSTM_ORDER),
    bias: bias && reordered(bias, LSTM_ORDER),
    ...(i && { peephole: [i, f, o] as const }),
  };
}

const KINDS = {
  LSTM: {
    gates: 4,
    activations: ['sigmoid', 'tanh', 'tanh'],
    initial: [5, 6],
    unroll: (node) => {
      if (node.attrs.flag('input_forget')) node.refuse('its input and forget gates are coupled');
      return (sink, x, cell, run) => {
        const [gate, candidate, output] = cell.activations as [Activation, Activation, Activation];
        return unrollLstm(sink, x, lstmWeights(cell), { gate, candidate, output, inputClip: cell.clip }, run);
      };
    },
    whole: {
      whyNot: (node, cell, [gate, candidate, output], shape) =>
        whyUnrolled({ ...shape, gate: gate, candidate: candidate, output: output }, lstmWeights(cell), {
          inputClip: cell.clip,
          coupled: node.attrs.flag('input_forget'),
        }),
      add: (sink, x, cell, reverse) => addLstm(sink, x, lstmWeights(cell), { reverse }),
    },
  },
  GRU: {
    gates: 3,
    activations: ['sigmoid', 'tanh'],
    initial: [5],
    unroll: (node) => {
      const resetAfter = node.attrs.flag('linear_before_reset');
      return (sink, x, { units, kernel, recurrent, biases, clip, activations }, run) => {
        const [gate, candidate] = activations as [Activation, Activation];
        const weights = { units, kernel, recurrent, bias: biases && biases[0], recurrentBias: biases && biases[1] };
        return unrollGru(sink, x, weights, { gate, candidate, resetAfter, inputClip: clip }, run);
      };
    },
  },
  RNN: {
    gates: 1,
    activations: ['tanh'],
    initial: [5],
    unroll:
      () =>
      (sink, x, { units, kernel, recurrent, biases, clip, activations }, run) =>
        unrollRnn(
          sink,
          x,
          { units, kernel, recurrent, bias: sum(biases) },
          { activation: activations[0], inputClip: clip },
          run,
        ),
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** Part `index` of `count` of a weight that is there for each direction. */
function part(node: OnnxNode, input: number, what: string, index: number, count: number): Float32Array {
  const { shape, values } = node.known(input, what);
  if (shape[0] !== count) node.refuse(`its ${what} has the shape [${shape.join(', ')}]`);
  const size = values.length / count;
  return (values as Float32Array).subarray(index * size, (index + 1) * size);
}

function cellOf(node: OnnxNode, { gates, activations }: Kind, width: number, index: number, count: number): Cell {
  const units = node.shape(2).at(-1) ?? 0;
  const kernel = part(node, 1, 'weights', index, count);
  const recurrent = part(node, 2, 'recurrent weights', index, count);
  if (kernel.length !== gates * units * width || recurrent.length !== gates * units * units)
    node.refuse(`its weights do not suit ${units} units and ${width} inputs`);
  const bias = node.has(3) ? part(node, 3, 'bias', index, count) : null;
  if (bias && bias.length !== 2 * gates * units) node.refuse(`its bias does not suit ${units} units`);
  const diagonals = node.has(7) && gates === 4 ? part(node, 7, 'peephole weights', index, count) : null;
  if (diagonals && diagonals.length !== 3 * units) node.refuse(`its peephole weights do not suit ${units} units`);
  const third = (values: Float32Array, i: number) => values.slice(i * units, (i + 1) * units);
  return {
    units,
    kernel,
    recurrent,
    biases: bias && [bias.slice(0, gates * units), bias.slice(gates * units)],
    clip: node.attrs.float('clip', 0),
    activations: activationsOf(node, index, activations),
    peephole: diagonals ? [0, 1, 2].map((i) => third(diagonals, i)) : [],
  };
}

/** State [directions, N, units] of one direction as [N, units]; null where it is zero. */
function initialState(node: OnnxNode, { initial }: Kind, index: number, batchFirst: boolean): TensorId[] | null {
  const given = initial.filter((input) => {
    if (!node.has(input)) return false;
    const value = node.value(input);
    return !isConstantValue(value) || value.values.some((v) => v !== 0);
  });
  if (given.length === 0) return null;
  return initial.map((input) => {
    const axis = batchFirst ? 1 : 0;
    const shape = node.shape(node.has(input) ? input : given[0]);
    const state = shape.filter((_, i) => i !== axis);
    if (!node.has(input)) return node.fixed(`${node.name}/zero`, new Float32Array(state[0] * state[1]), state);
    const begin = shape.map((_, i) => (i === axis ? index : 0));
    const size = shape.map((_, i) => (i === axis ? 1 : -1));
    const own = node.step('initial', 'slice', [node.tensor(input)], { begin, size });
    return node.step('state', 'reshape', [own], { shape: state });
  });
}

function checkLengths(node: OnnxNode, steps: number): void {
  if (steps < 1) node.refuse('its sequence has no steps');
  if (!node.has(4)) return;
  const { values } = node.known(4, 'sequence length');
  if (!values.every((length) => length === steps)) node.refuse('its sequences end before the last step');
}

function recurrent(kind: Kind) {
  return (node: OnnxNode): TensorId[] => {
    const batchFirst = node.attrs.flag('layout');
    const direction = node.attrs.text('direction', 'forward');
    const runs = direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
    const given = node.tensor(0);
    const x = batchFirst ? given : transposed(node, given, [1, 0, 2], 'batch-first');
    const [batch, steps, width] = node.shapeOf(x) as [number, number, number];
    checkLengths(node, steps);
    const unroll = kind.unroll(node);
    const wanted = (output: number) => (node.outputs[output] ?? '') !== '';
    const cells = runs.map((_, i) => cellOf(node, kind, width, i, runs.length));
    const sinkOf = (i: number) => new NodeSink(node, runs.length > 1 ? `${i}/` : '');
    const initials = runs.map((_, i) => initialState(node, kind, i, batchFirst));
    const whyNot = cells
      .map((cell, i) => {
        const shape = { steps, showsState: initials[i] !== null || wanted(2) };
        const names = activationNames(node, i, kind.activations);
        return kind.whole ? kind.whole.whyNot(node, cell, names, shape) : 'there is no integer operator for them';
      })
      .find((reason) => reason !== undefined);
    const results = cells.map((cell, i) => {
      if (kind.whole && whyNot === undefined) return kind.whole.add(sinkOf(i), x, cell, runs[i]);
      if (steps > MOST_STEPS) node.refuse(`it has ${steps} steps; at most ${MOST_STEPS} are unrolled`);
      node.note(
        `recurrent layers of ${steps} steps are unrolled, because ${whyNot}: about ${OPS_OF_A_STEP * steps} operators each`,
      );
      return unroll(sinkOf(i), x, cell, { initial: initials[i]!, reverse: runs[i] });
    });
    const { units } = cells[0];

    /** Of each direction [N, …], with the directions behind the batch, then in the file's order. */
    const together = (parts: readonly TensorId[], output: number, order: readonly number[]): TensorId => {
      const stacked = node.steps('directions', 'pack', parts, { axis: order.length - 2 })[0];
      if (batchFirst) return node.op('identity', [stacked], {}, { outputs: [node.outputs[output] ?? ''] });
      return transposed(node, stacked, order, 'file-order');
    };
    const sequences = () =>
      results.map((result) =>
        steps > 1
          ? result.sequence('time')
          : node.step('sequence', 'reshape', [result.last()], { shape: [batch, 1, units] }),
      );
    /** The last output, and what else a cell remembers; only unrolled ones hand that out. */
    const stateOf = (result: Recurrence | Unrolled, i: number) =>
      i === 0 || !('state' in result) ? result.last() : result.state[i];
    return [
      ...(wanted(0) ? [together(sequences(), 0, [1, 2, 0, 3])] : [x]),
      ...kind.initial.map((_, i) =>
        wanted(i + 1)
          ? together(
              results.map((result) => stateOf(result, i)),
              i + 1,
              [1, 0, 2],
            )
          : x,
      ),
    ];
  };
}

export const RECURRENT_OPS: OpRows = Object.fromEntries(
  Object.entries(KINDS).map(([name, kind]) => [name, { translate: recurrent(kind) }]),
);
