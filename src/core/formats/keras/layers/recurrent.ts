/**
 * Recurrent layers over sequences of fixed length, unrolled: the inputs of all steps are projected at once, then each step
 * is a matrix product with the state and a few elementwise ops. Gates in Keras' order. Before the first step the state is
 * zero, so that its product is left out.
 */
import type { TensorId } from '../../../graph/graph';
import { MOST_STEPS } from '../../../graph/unroll';
import { ioToOi, type Laid } from '../layout';
import { activate } from './activations';
import type { LayerCall, LayerTable, LayerTranslator } from './layer';
import type { Settings } from '../settings';

/** From the projected input and the state (null: zero) to the new state; its first tensor is the output. */
type Step = (input: TensorId, state: readonly TensorId[] | null) => readonly TensorId[];

interface Cell {
  readonly gates: number;
  /** Bias added to the projected inputs, null where the cell has none. */
  inputBias(layer: LayerCall, units: number): TensorId | null;
  step(layer: LayerCall, units: number): Step;
}

const hasBias = (s: Settings) => s.flag('use_bias', true);
const resetsAfter = (s: Settings) => s.flag('reset_after', false);

/** Columns from..to of a [rows, columns] matrix, turned to [O, I]. */
function columns(from: number, to: number) {
  return ({ data, shape }: Laid): Laid => {
    const [rows, width] = shape as [number, number];
    const cut = new Float32Array(rows * (to - from));
    for (let row = 0; row < rows; row++)
      cut.set(data.subarray(row * width + from, row * width + to), row * (to - from));
    return ioToOi({ data: cut, shape: [rows, to - from] });
  };
}

/** Values from..to of a flattened weight. */
function piece(from: number, to: number) {
  return ({ data }: Laid): Laid => ({ data: data.slice(from, to), shape: [to - from] });
}

function recurrent(layer: LayerCall, state: TensorId, units: number, gates: number, bias: TensorId | null): TensorId {
  const kernel = layer.weight('recurrent_kernel', [units, gates * units], ioToOi);
  return layer.op('fullyConnected', [state, kernel, bias], { keepDims: false });
}

function gatesOf(layer: LayerCall, x: TensorId, units: number, count: number): readonly TensorId[] {
  return layer.ops('split', [x], { axis: 1, sizes: Array<number>(count).fill(units) });
}

const tanh = (layer: LayerCall, x: TensorId) => activate(layer, x, 'activation', 'tanh');
const sigmoid = (layer: LayerCall, x: TensorId) => activate(layer, x, 'recurrent_activation', 'sigmoid');
const add = (layer: LayerCall, a: TensorId, b: TensorId) => layer.op('add', [a, b], {});
const sub = (layer: LayerCall, a: TensorId, b: TensorId) => layer.op('sub', [a, b], {});
const mul = (layer: LayerCall, a: TensorId, b: TensorId) => layer.op('mul', [a, b], {});

const wholeBias = (gates: number) => (layer: LayerCall, units: number) =>
  hasBias(layer.settings) ? layer.weight('bias', [gates * units]) : null;

const SIMPLE: Cell = {
  gates: 1,
  inputBias: wholeBias(1),
  step: (layer, units) => (input, state) => {
    const sum = state ? add(layer, input, recurrent(layer, state[0]!, units, 1, null)) : input;
    return [tanh(layer, sum)];
  },
};

const LSTM: Cell = {
  gates: 4,
  inputBias: wholeBias(4),
  step: (layer, units) => (input, state) => {
    const sum = state ? add(layer, input, recurrent(layer, state[0]!, units, 4, null)) : input;
    const [i, f, c, o] = gatesOf(layer, sum, units, 4) as [TensorId, TensorId, TensorId, TensorId];
    const fresh = mul(layer, sigmoid(layer, i), tanh(layer, c));
    const carry = state ? add(layer, mul(layer, sigmoid(layer, f), state[1]!), fresh) : fresh;
    return [mul(layer, sigmoid(layer, o), tanh(layer, carry)), carry];
  },
};

const GRU: Cell = {
  gates: 3,
  inputBias: (layer, units) => {
    if (!hasBias(layer.settings)) return null;
    if (!resetsAfter(layer.settings)) return layer.weight('bias', [3 * units]);
    return layer.weight('bias', [2, 3 * units], piece(0, 3 * units), 'input');
  },
  step: (layer, units) => (resetsAfter(layer.settings) ? resetAfter(layer, units) : resetBefore(layer, units)),
};

/** h' = c + z · (h − c), with h zero before the first step. */
function blend(layer: LayerCall, z: TensorId, candidate: TensorId, h: TensorId | undefined): readonly TensorId[] {
  if (h === undefined) return [sub(layer, candidate, mul(layer, z, candidate))];
  return [add(layer, candidate, mul(layer, z, sub(layer, h, candidate)))];
}

/** The reset gate scales the product with the state (cuDNN's formula). */
function resetAfter(layer: LayerCall, units: number): Step {
  const biased = hasBias(layer.settings);
  const part = (name: string, from: number, to: number) =>
    layer.weight('bias', [2, 3 * units], piece((3 + from) * units, (3 + to) * units), name);
  return (input, state) => {
    const [xz, xr, xh] = gatesOf(layer, input, units, 3) as [TensorId, TensorId, TensorId];
    let product: readonly (TensorId | null)[] = [null, null, null];
    if (state) {
      const bias = biased ? part('recurrent', 0, 3) : null;
      product = gatesOf(layer, recurrent(layer, state[0]!, units, 3, bias), units, 3);
    } else if (biased) product = [part('recurrent_z', 0, 1), part('recurrent_r', 1, 2), part('recurrent_h', 2, 3)];
    const [hz, hr, hh] = product as [TensorId | null, TensorId | null, TensorId | null];
    const z = sigmoid(layer, hz === null ? xz : add(layer, xz, hz));
    if (hh === null) return blend(layer, z, tanh(layer, xh), undefined);
    const r = sigmoid(layer, hr === null ? xr : add(layer, xr, hr));
    return blend(layer, z, tanh(layer, add(layer, xh, mul(layer, r, hh))), state?.[0]);
  };
}

/** The reset gate scales the state before its product (Cho et al. 2014). */
function resetBefore(layer: LayerCall, units: number): Step {
  const shape = [units, 3 * units];
  return (input, state) => {
    const [xz, xr, xh] = gatesOf(layer, input, units, 3) as [TensorId, TensorId, TensorId];
    if (!state) return blend(layer, sigmoid(layer, xz), tanh(layer, xh), undefined);
    const h = state[0]!;
    const gates = layer.weight('recurrent_kernel', shape, columns(0, 2 * units), 'gates');
    const [hz, hr] = gatesOf(layer, layer.op('fullyConnected', [h, gates, null], { keepDims: false }), units, 2);
    const [z, r] = [sigmoid(layer, add(layer, xz, hz!)), sigmoid(layer, add(layer, xr, hr!))];
    const candidate = layer.weight('recurrent_kernel', shape, columns(2 * units, 3 * units), 'candidate');
    const reset = layer.op('fullyConnected', [mul(layer, r, h), candidate, null], { keepDims: false });
    return blend(layer, z, tanh(layer, add(layer, xh, reset)), h);
  };
}

function recurrentLayer(cell: Cell): LayerTranslator {
  return {
    weights: (s) => ['kernel', 'recurrent_kernel', ...(hasBias(s) ? ['bias'] : [])],
    problems: (s) => [
      ...(s.flag('stateful', false) ? ['a state kept between batches (stateful)'] : []),
      ...(s.raw('time_major') === true ? ['time as first dimension (time_major)'] : []),
    ],
    translate: (layer) => {
      const { settings } = layer;
      const [x, ...initial] = layer.inputs as [TensorId, ...TensorId[]];
      const units = settings.int('units');
      const [, length, width] = layer.shape(x) as [number, number, number];
      if (length > MOST_STEPS) layer.refuse(`a sequence of ${length} steps; at most ${MOST_STEPS} are unrolled`);
      const kernel = layer.weight('kernel', [width, cell.gates * units], ioToOi);
      const projected = layer.op('fullyConnected', [x, kernel, cell.inputBias(layer, units)], { keepDims: true });
      const steps = [...layer.ops('unpack', [projected], { axis: 1 })];
      if (settings.flag('go_backwards', false)) steps.reverse();
      const advance = cell.step(layer, units);
      let state: readonly TensorId[] | null = initial.length > 0 ? initial : null;
      const outputs = steps.map((input) => (state = advance(input, state))[0]!);
      const result = settings.flag('return_sequences', false)
        ? layer.op('pack', outputs, { axis: 1 })
        : (outputs[length - 1] ?? layer.refuse('a sequence of no steps'));
      return settings.flag('return_state', false) ? [result, ...state!] : result;
    },
  };
}

export const RECURRENT_LAYERS: LayerTable = {
  SimpleRNN: recurrentLayer(SIMPLE),
  LSTM: recurrentLayer(LSTM),
  GRU: recurrentLayer(GRU),
};
