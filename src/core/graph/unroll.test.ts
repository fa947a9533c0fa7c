import { describe, expect, it } from 'vitest';
import { builderSink } from '../../testing/builders/builder-sink';
import { runNaive } from '../../testing/oracles/naive-float';
import { Random } from '../../base/random';
import { GraphBuilder } from './build';
import type { TensorId } from './graph';
import {
  unrollGru,
  unrollLstm,
  unrollRnn,
  type Activation,
  type LstmOptions,
  type LstmWeights,
  type OpSink,
  type Unrolled,
} from './unroll';

const [BATCH, STEPS, INPUTS, UNITS] = [2, 3, 4, 5];
const random = new Random(9);
const values = (count: number) => Float32Array.from({ length: count }, () => random.uniform(-1, 1));
const sigmoid: Activation = (sink, x) => sink.op('sigmoid', [x], {});
const tanh: Activation = (sink, x) => sink.op('tanh', [x], {});
const logistic = (v: number) => 1 / (1 + Math.exp(-v));

/** Runs the unrolled cell on [N, T, I]: outputs by step and the last state, as plain numbers. */
function unrolled(x: Float32Array, make: (sink: OpSink, x: TensorId) => Unrolled) {
  const builder = new GraphBuilder('cell');
  const input = builder.input('x', [BATCH, STEPS, INPUTS]);
  const { outputs, state } = make(builderSink(builder), input);
  const graph = builder.build([...new Set([...outputs, ...state])]);
  const results = runNaive(graph, new Map([[input, x]]), 1);
  const read = (id: TensorId) => [...results.get(id)!.data];
  return { outputs: outputs.map(read), state: state.map(read) };
}

type Row = readonly number[];
const dot = (matrix: Float32Array, row: number, vector: Row) =>
  vector.reduce((sum, v, i) => sum + matrix[row * vector.length + i] * v, 0);
const zeros = (count: number): number[] => new Array<number>(count).fill(0);
const bounded = (v: number, bound: number | undefined) => (bound ? Math.max(-bound, Math.min(bound, v)) : v);

/** The equations of the LSTM, one sample and one unit at a time. */
function lstm(
  x: Float32Array,
  w: LstmWeights,
  { coupled, inputClip, cellClip, outputClip }: Partial<LstmOptions>,
  reverse: boolean,
) {
  const width = w.projection?.outputs ?? UNITS;
  const outputs = Array.from({ length: STEPS }, () => [] as number[]);
  const state: [number[], number[]] = [[], []];
  for (let n = 0; n < BATCH; n++) {
    let [h, c] = [zeros(width), zeros(UNITS)];
    for (let s = 0; s < STEPS; s++) {
      const t = reverse ? STEPS - 1 - s : s;
      const row = [...x.subarray((n * STEPS + t) * INPUTS, (n * STEPS + t + 1) * INPUTS)];
      const gate = (index: number, cell: Row | null, diagonal: Float32Array | null | undefined) => {
        const norm = w.norms?.[index];
        const sums = zeros(UNITS).map((_, u) => {
          const at = index * UNITS + u;
          const bias = norm ? 0 : (w.bias?.[at] ?? 0);
          return (
            dot(w.kernel, at, row) + dot(w.recurrent, at, h) + bias + (cell && diagonal ? diagonal[u] * cell[u] : 0)
          );
        });
        if (!norm) return sums.map((v) => bounded(v, inputClip));
        const mean = sums.reduce((a, b) => a + b, 0) / UNITS;
        const deviation = Math.sqrt(sums.reduce((a, b) => a + (b - mean) ** 2, 0) / UNITS + 1e-8);
        return sums.map((v, u) => ((v - mean) / deviation) * norm[u] + (w.bias?.[index * UNITS + u] ?? 0));
      };
      const forget = gate(1, c, w.peephole?.[1]).map(logistic);
      const enter = coupled ? forget.map((f) => 1 - f) : gate(0, c, w.peephole?.[0]).map(logistic);
      const candidate = gate(2, null, null).map(Math.tanh);
      c = c.map((v, u) => bounded(forget[u] * v + enter[u] * candidate[u], cellClip));
      const leave = gate(3, c, w.peephole?.[2]).map(logistic);
      const inner = leave.map((o, u) => o * Math.tanh(c[u]));
      const { projection } = w;
      h = projection
        ? zeros(width).map((_, p) =>
            bounded(dot(projection.kernel, p, inner) + (projection.bias?.[p] ?? 0), outputClip),
          )
        : inner;
      outputs[t].push(...h);
    }
    state[0].push(...h);
    state[1].push(...c);
  }
  return { outputs, state };
}

function expectSame(
  actual: { outputs: number[][]; state: number[][] },
  expected: { outputs: number[][]; state: number[][] },
) {
  const flat = ({ outputs, state }: typeof actual) => [...outputs, ...state].flat();
  expect(flat(actual)).toHaveLength(flat(expected).length);
  flat(actual).forEach((v, i) => expect(v).toBeCloseTo(flat(expected)[i], 5));
}

const lstmWeights = (outputs = UNITS): LstmWeights => ({
  kernel: values(4 * UNITS * INPUTS),
  recurrent: values(4 * UNITS * outputs),
  bias: values(4 * UNITS),
  units: UNITS,
});

describe('unrollLstm', () => {
  const cell = { gate: sigmoid, candidate: tanh, output: tanh };
  const diagonals = [values(UNITS), values(UNITS), values(UNITS)] as const;
  const norms = [values(UNITS), values(UNITS), values(UNITS), values(UNITS)];
  it.each<[string, LstmWeights, Partial<LstmOptions>, boolean]>([
    ['plain', lstmWeights(), {}, false],
    ['backwards, without bias', { ...lstmWeights(), bias: null }, {}, true],
    ['with peepholes', { ...lstmWeights(), peephole: diagonals }, {}, false],
    ['with coupled gates', lstmWeights(), { coupled: true }, false],
    ['clipped', lstmWeights(), { inputClip: 0.4, cellClip: 0.1 }, false],
    ['normalized', { ...lstmWeights(), norms, peephole: diagonals }, {}, false],
    [
      'projected',
      { ...lstmWeights(3), projection: { kernel: values(3 * UNITS), bias: values(3), outputs: 3 } },
      { outputClip: 0.2 },
      false,
    ],
  ])('%s', (_what, weights, options, reverse) => {
    const x = values(BATCH * STEPS * INPUTS);
    expectSame(
      unrolled(x, (sink, id) => unrollLstm(sink, id, weights, { ...cell, ...options }, { reverse })),
      lstm(x, weights, options, reverse),
    );
  });
});

describe('unrollGru', () => {
  it.each([true, false])('reset after the product: %s', (resetAfter) => {
    const weights = {
      kernel: values(3 * UNITS * INPUTS),
      recurrent: values(3 * UNITS * UNITS),
      bias: values(3 * UNITS),
      recurrentBias: values(3 * UNITS),
      units: UNITS,
    };
    const x = values(BATCH * STEPS * INPUTS);
    const outputs = Array.from({ length: STEPS }, () => [] as number[]);
    const state: number[] = [];
    for (let n = 0; n < BATCH; n++) {
      let h = zeros(UNITS);
      for (let t = 0; t < STEPS; t++) {
        const row = [...x.subarray((n * STEPS + t) * INPUTS, (n * STEPS + t + 1) * INPUTS)];
        const input = (g: number, u: number) => dot(weights.kernel, g * UNITS + u, row) + weights.bias[g * UNITS + u];
        const hidden = (g: number, u: number, from: Row) =>
          dot(weights.recurrent, g * UNITS + u, from) + weights.recurrentBias[g * UNITS + u];
        const z = h.map((_, u) => logistic(input(0, u) + hidden(0, u, h)));
        const r = h.map((_, u) => logistic(input(1, u) + hidden(1, u, h)));
        const reset = h.map((v, u) => r[u] * v);
        const fresh = h.map((_, u) =>
          Math.tanh(input(2, u) + (resetAfter ? r[u] * hidden(2, u, h) : hidden(2, u, reset))),
        );
        h = h.map((v, u) => z[u] * v + (1 - z[u]) * fresh[u]);
        outputs[t].push(...h);
      }
      state.push(...h);
    }
    const options = { gate: sigmoid, candidate: tanh, resetAfter };
    expectSame(
      unrolled(x, (sink, id) => unrollGru(sink, id, weights, options)),
      { outputs, state: [state] },
    );
  });
});

describe('unrollRnn', () => {
  it('is f(W x + R h + b)', () => {
    const weights = {
      kernel: values(UNITS * INPUTS),
      recurrent: values(UNITS ** 2),
      bias: values(UNITS),
      units: UNITS,
    };
    const x = values(BATCH * STEPS * INPUTS);
    const outputs = Array.from({ length: STEPS }, () => [] as number[]);
    const state: number[] = [];
    for (let n = 0; n < BATCH; n++) {
      let h = zeros(UNITS);
      for (let t = 0; t < STEPS; t++) {
        const row = [...x.subarray((n * STEPS + t) * INPUTS, (n * STEPS + t + 1) * INPUTS)];
        h = h.map((_, u) => Math.tanh(dot(weights.kernel, u, row) + dot(weights.recurrent, u, h) + weights.bias[u]));
        outputs[t].push(...h);
      }
      state.push(...h);
    }
    expectSame(
      unrolled(x, (sink, id) => unrollRnn(sink, id, weights, { activation: tanh })),
      { outputs, state: [state] },
    );
  });
});
