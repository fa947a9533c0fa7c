/**
 * Recurrent cells over sequences of fixed length, unrolled into ops of the Graph: the inputs of all steps are projected at
 * once, then each step is a matrix product with the state and a few elementwise ops. A state that starts at zero needs no
 * product before the first step. LiteRT's sequence operators keep their state in variables, which LiteRT.js refuses to load.
 */
import type { Shape, TensorId } from './graph';
import type { OpAttrs, OpKind } from './ops/attrs';

/** Steps that are unrolled at most: each is some ten ops. */
export const MOST_STEPS = 1024;

/** Where the ops go. */
export interface OpSink {
  op<K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]): TensorId;
  ops<K extends OpKind>(kind: K, inputs: readonly (TensorId | null)[], attrs: OpAttrs[K]): readonly TensorId[];
  /** A constant; equal names stand for the same one. */
  constant(name: string, values: Float32Array, shape: Shape): TensorId;
  shape(tensor: TensorId): Shape;
}

/** A function of one value, as ops. */
export type Activation = (sink: OpSink, x: TensorId) => TensorId;

export interface LstmWeights {
  /** Gates in the order input, forget, candidate, output. W: [4·units, inputs], R: [4·units, outputs]. */
  readonly kernel: Float32Array;
  readonly recurrent: Float32Array;
  /** [4·units], null where there is none. */
  readonly bias: Float32Array | null;
  readonly units: number;
  /** What the cell adds to its gates: diagonals for the input, forget and output gate. */
  readonly peephole?: readonly [Float32Array | null, Float32Array | null, Float32Array | null];
  /** Weights of each gate's layer normalization, in the order of the gates; the bias is added behind it. */
  readonly norms?: readonly (Float32Array | null)[];
  /** From the cell's units to its outputs: [outputs, units] and [outputs]. */
  readonly projection?: { readonly kernel: Float32Array; readonly bias: Float32Array | null; readonly outputs: number };
}

export interface LstmOptions {
  readonly gate: Activation;
  readonly candidate: Activation;
  readonly output: Activation;
  /** The input gate is 1 − the forget gate. */
  readonly coupled?: boolean;
  /** Bounds of the values that enter the activations, of the cell, and of the projected output; 0: none. */
  readonly inputClip?: number;
  readonly cellClip?: number;
  readonly outputClip?: number;
}

export interface GruWeights {
  /** Gates in the order update, reset, candidate. W: [3·units, inputs], R: [3·units, units]; biases [3·units]. */
  readonly kernel: Float32Array;
  readonly recurrent: Float32Array;
  readonly bias: Float32Array | null;
  readonly recurrentBias: Float32Array | null;
  readonly units: number;
}

/** State after a step; the first tensor is the step's output. null stands for zero. */
type State = readonly TensorId[];

export interface Unrolled extends Recurrence {
  /** One for each step, in the order of the sequence. */
  readonly outputs: readonly TensorId[];
  /** After the last step that was computed. */
  readonly state: State;
}

/** What a recurrent layer computes; ops that arrange it are added when it is asked for. */
export interface Recurrence {
  /** [N, T, units], in the order of the sequence or in the order in which the steps are computed. */
  readonly sequence: (order: 'time' | 'computed') => TensorId;
  /** [N, units] of the step that is computed last. */
  readonly last: () => TensorId;
}

const EPSILON = 1e-8;

const add = (sink: OpSink, a: TensorId, b: TensorId) => sink.op('add', [a, b], {});
const mul = (sink: OpSink, a: TensorId, b: TensorId) => sink.op('mul', [a, b], {});

function number(sink: OpSink, value: number): TensorId {
  return sink.constant(`${value}`, Float32Array.of(value), []);
}

function clipped(sink: OpSink, x: TensorId, bound: number | undefined): TensorId {
  if (!bound) return x;
  const upper = sink.op('minimum', [x, number(sink, bound)], {});
  return sink.op('maximum', [upper, number(sink, -bound)], {});
}

/** The units normalized to mean 0 and deviation 1. */
function normalized(sink: OpSink, x: TensorId): TensorId {
  const axes = { axes: [sink.shape(x).length - 1], keepDims: true };
  const centred = sink.op('sub', [x, sink.op('mean', [x], axes)], {});
  const variance = sink.op('mean', [mul(sink, centred, centred)], axes);
  return mul(sink, centred, sink.op('rsqrt', [add(sink, variance, number(sink, EPSILON))], {}));
}

/** Projects [N, T, inputs] and takes it apart into T × [N, …]. */
function steps(sink: OpSink, x: TensorId, kernel: Float32Array, bias: Float32Array | null): readonly TensorId[] {
  const inputs = sink.shape(x)[2];
  const weights = sink.constant('kernel', kernel, [kernel.length / inputs, inputs]);
  const offset = bias && sink.constant('bias', bias, [bias.length]);
  return sink.ops('unpack', [sink.op('fullyConnected', [x, weights, offset], { keepDims: true })], { axis: 1 });
}

function run(sink: OpSink, inputs: readonly TensorId[], initial: State | null, reverse: boolean, step: Step): Unrolled {
  const order = reverse ? inputs.toReversed() : inputs;
  let state = initial;
  const computed = order.map((input) => (state = step(input, state))[0]);
  const outputs = reverse ? computed.toReversed() : computed;
  return {
    outputs,
    state: state!,
    sequence: (wanted) => sink.op('pack', wanted === 'time' ? outputs : computed, { axis: 1 }),
    last: () => computed.at(-1)!,
  };
}

type Step = (input: TensorId, state: State | null) => State;

/**
 * @param x [N, T, inputs] with T ≥ 1
 * @param initial output and cell before the first step; null: zero
 */
export function unrollLstm(
  sink: OpSink,
  x: TensorId,
  weights: LstmWeights,
  options: LstmOptions,
  { initial = null, reverse = false }: { initial?: State | null; reverse?: boolean } = {},
): Unrolled {
  const { units, norms, projection, peephole = [null, null, null], bias } = weights;
  const { gate, candidate, output, coupled = false, inputClip, cellClip, outputClip } = options;
  const width = projection?.outputs ?? units;
  const recurrent = (h: TensorId) =>
    sink.op('fullyConnected', [h, sink.constant('recurrent', weights.recurrent, [4 * units, width]), null], {
      keepDims: false,
    });
  const vector = (name: string, values: Float32Array) => sink.constant(name, values, [units]);
  const ready = (x: TensorId, index: number): TensorId => {
    const weight = norms?.[index];
    if (!weight) return clipped(sink, x, inputClip);
    const scaled = mul(sink, normalized(sink, x), vector(`norm_${index}`, weight));
    return bias ? add(sink, scaled, vector(`bias_${index}`, bias.slice(index * units, (index + 1) * units))) : scaled;
  };
  const watched = (x: TensorId, cell: TensorId | undefined, index: 0 | 1 | 2): TensorId => {
    const diagonal = peephole[index];
    return diagonal && cell !== undefined ? add(sink, x, mul(sink, cell, vector(`peephole_${index}`, diagonal))) : x;
  };
  const step: Step = (input, state) => {
    const cell = state?.[1];
    const sum = state ? add(sink, input, recurrent(state[0])) : input;
    const [i, f, c, o] = sink.ops('split', [sum], { axis: 1, sizes: Array<number>(4).fill(units) }) as [
      TensorId,
      TensorId,
      TensorId,
      TensorId,
    ];
    const needsForget = coupled || cell !== undefined;
    const forget = needsForget ? gate(sink, ready(watched(f, cell, 1), 1)) : undefined;
    const enter = coupled ? sink.op('sub', [number(sink, 1), forget!], {}) : gate(sink, ready(watched(i, cell, 0), 0));
    const fresh = mul(sink, enter, candidate(sink, ready(c, 2)));
    const next = clipped(sink, cell === undefined ? fresh : add(sink, mul(sink, forget!, cell), fresh), cellClip);
    const leave = gate(sink, ready(watched(o, next, 2), 3));
    let h = mul(sink, leave, output(sink, next));
    if (projection) {
      const kernel = sink.constant('projection', projection.kernel, [width, units]);
      const offset = projection.bias && sink.constant('projection_bias', projection.bias, [width]);
      h = clipped(sink, sink.op('fullyConnected', [h, kernel, offset], { keepDims: false }), outputClip);
    }
    return [h, next];
  };
  return run(sink, steps(sink, x, weights.kernel, norms ? null : bias), initial, reverse, step);
}

/** As {@link unrollLstm}; `resetAfter` scales the product with the state (cuDNN), otherwise the state itself is scaled. */
export function unrollGru(
  sink: OpSink,
  x: TensorId,
  { kernel, recurrent, bias, recurrentBias, units }: GruWeights,
  {
    gate,
    candidate,
    resetAfter,
    inputClip,
  }: { gate: Activation; candidate: Activation; resetAfter: boolean; inputClip?: number },
  { initial = null, reverse = false }: { initial?: State | null; reverse?: boolean } = {},
): Unrolled {
  const sizes = (count: number) => ({ axis: 1, sizes: Array<number>(count).fill(units) });
  const part = (name: string, from: number, to: number) =>
    sink.constant(`recurrent_${name}`, recurrent.slice(from * units * units, to * units * units), [
      (to - from) * units,
      units,
    ]);
  const offset = (name: string, from: number, to: number) =>
    recurrentBias &&
    sink.constant(`recurrent_bias_${name}`, recurrentBias.slice(from * units, to * units), [(to - from) * units]);
  const product = (h: TensorId, name: string, from: number, to: number) =>
    sink.op('fullyConnected', [h, part(name, from, to), offset(name, from, to)], { keepDims: false });
  const ready = (x: TensorId) => clipped(sink, x, inputClip);
  const plus = (x: TensorId, name: string, index: number) => {
    const constant = offset(name, index, index + 1);
    return constant ? add(sink, x, constant) : x;
  };
  const step: Step = (input, state) => {
    const h = state?.[0];
    const [xz, xr, xh] = sink.ops('split', [input], sizes(3)) as [TensorId, TensorId, TensorId];
    if (h === undefined) {
      const z = gate(sink, ready(plus(xz, 'z', 0)));
      const constant = offset('h', 2, 3);
      const hidden = constant && (resetAfter ? mul(sink, gate(sink, ready(plus(xr, 'r', 1))), constant) : constant);
      const fresh = candidate(sink, ready(hidden ? add(sink, xh, hidden) : xh));
      return [sink.op('sub', [fresh, mul(sink, z, fresh)], {})];
    }
    const products = resetAfter ? product(h, 'zrh', 0, 3) : product(h, 'zr', 0, 2);
    const [hz, hr, hh] = sink.ops('split', [products], sizes(resetAfter ? 3 : 2)) as [TensorId, TensorId, TensorId?];
    const [z, r] = [gate(sink, ready(add(sink, xz, hz))), gate(sink, ready(add(sink, xr, hr)))];
    const hidden = hh === undefined ? product(mul(sink, r, h), 'h', 2, 3) : mul(sink, r, hh);
    const fresh = candidate(sink, ready(add(sink, xh, hidden)));
    return [add(sink, fresh, mul(sink, z, sink.op('sub', [h, fresh], {})))];
  };
  return run(sink, steps(sink, x, kernel, bias), initial, reverse, step);
}

/** h' = f(W x + R h + b); W: [units, inputs], R: [units, units]. */
export function unrollRnn(
  sink: OpSink,
  x: TensorId,
  weights: {
    readonly kernel: Float32Array;
    readonly recurrent: Float32Array;
    readonly bias: Float32Array | null;
    readonly units: number;
  },
  { activation, inputClip }: { activation: Activation; inputClip?: number },
  { initial = null, reverse = false }: { initial?: State | null; reverse?: boolean } = {},
): Unrolled {
  const { kernel, recurrent, bias, units } = weights;
  const step: Step = (input, state) => {
    const product =
      state &&
      sink.op('fullyConnected', [state[0], sink.constant('recurrent', recurrent, [units, units]), null], {
        keepDims: false,
      });
    return [activation(sink, clipped(sink, product ? add(sink, input, product) : input, inputClip))];
  };
  return run(sink, steps(sink, x, kernel, bias), initial, reverse, step);
}
