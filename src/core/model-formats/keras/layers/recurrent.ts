/** Recurrent layers over sequences of fixed length, unrolled. Gates in Keras' order, which is the Graph's. */
import type { TensorId } from '../../../graph/graph';
import { addLstm, OPS_OF_A_STEP, whyUnrolled } from '../../../graph/lstm';
import {
  MOST_STEPS,
  unrollGru,
  unrollLstm,
  unrollRnn,
  type OpSink,
  type Recurrence,
  type Unrolled,
} from '../../../graph/unroll';
import { ioToOi } from '../layout';
import { activate } from './activations';
import type { LayerCall, LayerTable, LayerTranslator } from './layer';
import { sinkOf } from './sink';
import type { Settings } from '../settings';

interface Run {
  readonly initial: readonly TensorId[] | null;
  readonly reverse: boolean;
}

interface Cell {
  readonly gates: number;
  /** What its states are called, in Keras' order. */
  readonly states: readonly string[];
  /** Shape of the bias. */
  readonly bias: (settings: Settings, units: number) => readonly number[];
  readonly unroll: (sink: OpSink, x: TensorId, weights: Weights, layer: LayerCall, run: Run) => Unrolled;
  /** Of cells that there is an operator for. */
  readonly whole?: {
    /** Why it cannot be that operator, as {@link whyUnrolled} says. */
    readonly whyNot: (layer: LayerCall, steps: number, showsState: boolean) => string | undefined;
    readonly add: (sink: OpSink, x: TensorId, weights: Weights, reverse: boolean) => Recurrence;
  };
}

interface Weights {
  readonly units: number;
  /** [outputs, inputs] */
  readonly kernel: Float32Array;
  readonly recurrent: Float32Array;
  readonly bias: Float32Array | null;
}

const hasBias = (s: Settings) => s.flag('use_bias', true);
const resetsAfter = (s: Settings) => s.flag('reset_after', false);

const candidateOf = (layer: LayerCall) => (_: OpSink, x: TensorId) => activate(layer, x, 'activation', 'tanh');
const gateOf = (layer: LayerCall) => (_: OpSink, x: TensorId) => activate(layer, x, 'recurrent_activation', 'sigmoid');

const SIMPLE: Cell = {
  gates: 1,
  states: ['state'],
  bias: (_, units) => [units],
  unroll: (sink, x, weights, layer, run) => unrollRnn(sink, x, weights, { activation: candidateOf(layer) }, run),
};

const LSTM: Cell = {
  gates: 4,
  states: ['hidden', 'cell'],
  bias: (_, units) => [4 * units],
  unroll: (sink, x, weights, layer, run) => {
    const candidate = candidateOf(layer);
    return unrollLstm(sink, x, weights, { gate: gateOf(layer), candidate, output: candidate }, run);
  },
  whole: {
    whyNot: ({ settings }, steps, showsState) => {
      const nameOf = (key: string, otherwise: string) => settings.raw(key) ?? otherwise;
      const [gate, candidate] = [nameOf('recurrent_activation', 'sigmoid'), nameOf('activation', 'tanh')];
      if (typeof gate !== 'string' || typeof candidate !== 'string')
        return 'its activations have settings of their own';
      return whyUnrolled({ steps, gate, candidate, output: candidate, showsState });
    },
    add: (sink, x, weights, reverse) => addLstm(sink, x, weights, { reverse }),
  },
};

/** The reset gate scales the product with the state (cuDNN's formula), or the state itself (Cho et al. 2014). */
const GRU: Cell = {
  gates: 3,
  states: ['state'],
  bias: (settings, units) => (resetsAfter(settings) ? [2, 3 * units] : [3 * units]),
  unroll: (sink, x, weights, layer, run) => {
    const resetAfter = resetsAfter(layer.settings);
    const { bias, units } = weights;
    const half = (from: number) => bias && bias.slice(from * 3 * units, (from + 1) * 3 * units);
    const biases = resetAfter ? { bias: half(0), recurrentBias: half(1) } : { bias, recurrentBias: null };
    const options = { gate: gateOf(layer), candidate: candidateOf(layer), resetAfter };
    return unrollGru(sink, x, { ...weights, ...biases }, options, run);
  },
};

function weightsOf(layer: LayerCall, { gates, bias }: Cell, width: number): Weights {
  const units = layer.settings.int('units');
  const laid = (name: string, inputs: number) => {
    const shape = [inputs, gates * units];
    return ioToOi({ data: layer.values(name, shape), shape }).data;
  };
  return {
    units,
    kernel: laid('kernel', width),
    recurrent: laid('recurrent_kernel', units),
    bias: hasBias(layer.settings) ? layer.values('bias', bias(layer.settings, units)) : null,
  };
}

function recurrentLayer(cell: Cell): LayerTranslator {
  return {
    weights: (s) => ['kernel', 'recurrent_kernel', ...(hasBias(s) ? ['bias'] : [])],
    problems: (s) => [...(s.raw('time_major') === true ? ['time as first dimension (time_major)'] : [])],
    translate: (layer) => {
      const { settings } = layer;
      const [x, ...initial] = layer.inputs as [TensorId, ...TensorId[]];
      const [, length, width] = layer.shape(x) as [number, number, number];
      if (length < 1) layer.refuse('a sequence of no steps');
      const reverse = settings.flag('go_backwards', false);
      const returnsState = settings.flag('return_state', false);
      // Keras hands outputs out in the order it computed them.
      const resultOf = (recurrence: Recurrence) =>
        settings.flag('return_sequences', false) ? recurrence.sequence('computed') : recurrence.last();
      const sink = sinkOf(layer);
      const states = settings.flag('stateful', false) && initial.length === 0 ? cell.states.map((name) => layer.state(name, settings.int('units'))) : []; // prettier-ignore
      const weights = weightsOf(layer, cell, width);
      const whyNot = cell.whole
        ? cell.whole.whyNot(layer, length, returnsState || initial.length + states.length > 0)
        : 'there is no integer operator for it';
      if (cell.whole && whyNot === undefined) return resultOf(cell.whole.add(sink, x, weights, reverse));
      if (length > MOST_STEPS) layer.refuse(`a sequence of ${length} steps; at most ${MOST_STEPS} are unrolled`);
      layer.note(
        `"${layer.name}" is unrolled into ${length} step${length === 1 ? '' : 's'}, because ${whyNot}: about ${OPS_OF_A_STEP * length} operators`,
      );
      const before = [...initial, ...states.map(({ input }) => input)];
      const unrolled = cell.unroll(sink, x, weights, layer, { initial: before.length > 0 ? before : null, reverse });
      states.forEach(({ keep }, i) => keep(unrolled.state[i]));
      if (states.length > 0)
        layer.note(`"${layer.name}" is stateful: its state is an input and an output, zero before the first piece of a sequence`); // prettier-ignore
      const result = resultOf(unrolled);
      return returnsState ? [result, ...unrolled.state] : result;
    },
  };
}

export const RECURRENT_LAYERS: LayerTable = {
  SimpleRNN: recurrentLayer(SIMPLE),
  LSTM: recurrentLayer(LSTM),
  GRU: recurrentLayer(GRU),
};
