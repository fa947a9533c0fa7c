import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random';
import { builderSink } from '../../testing/builders/builder-sink';
import { runNaive } from '../../testing/oracles/naive-float';
import { GraphBuilder } from './build';
import type { TensorId } from './graph';
import { addLstm, whyUnrolled } from './lstm';
import { unrollLstm, type LstmWeights, type OpSink, type Recurrence } from './unroll';

const [BATCH, STEPS, INPUTS, UNITS] = [2, 4, 3, 5];
const random = new Random(12);
const values = (count: number) => Float32Array.from({ length: count }, () => random.uniform(-1, 1));
const weights: LstmWeights = {
  kernel: values(4 * UNITS * INPUTS),
  recurrent: values(4 * UNITS * UNITS),
  bias: values(4 * UNITS),
  units: UNITS,
};
const cell = {
  gate: (sink: OpSink, x: TensorId) => sink.op('sigmoid', [x], {}),
  candidate: (sink: OpSink, x: TensorId) => sink.op('tanh', [x], {}),
  output: (sink: OpSink, x: TensorId) => sink.op('tanh', [x], {}),
};

/** Everything a recurrence hands out, one after the other. */
function outcome(x: Float32Array, make: (sink: OpSink, x: TensorId) => Recurrence): number[] {
  const builder = new GraphBuilder('cell');
  const input = builder.input('x', [BATCH, STEPS, INPUTS]);
  const recurrence = make(builderSink(builder), input);
  const outputs = [recurrence.sequence('time'), recurrence.sequence('computed'), recurrence.last()];
  const results = runNaive(builder.build([...new Set(outputs)]), new Map([[input, x]]), 1);
  return outputs.flatMap((id) => [...results.get(id)!.data]);
}

describe('addLstm', () => {
  it.each([
    ['forwards', false, 0],
    ['backwards', true, 0],
    ['with a bounded cell', false, 0.2],
  ])('computes what the unrolled layer does: %s', (_what, reverse, cellClip) => {
    const x = values(BATCH * STEPS * INPUTS);
    const expected = outcome(x, (sink, id) => unrollLstm(sink, id, weights, { ...cell, cellClip }, { reverse }));
    const actual = outcome(x, (sink, id) => addLstm(sink, id, weights, { reverse, cellClip }));
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
  });
});

describe('whyUnrolled', () => {
  const plain = { steps: 4, gate: 'sigmoid', candidate: 'tanh', output: 'tanh', showsState: false };
  it('says what the operator cannot do', () => {
    expect(whyUnrolled(plain)).toBeUndefined();
    expect(whyUnrolled({ ...plain, steps: 1 })).toMatch(/one step/);
    expect(whyUnrolled({ ...plain, candidate: 'relu' })).toMatch(/tanh alone/);
    expect(whyUnrolled({ ...plain, showsState: true })).toMatch(/first state/);
    expect(whyUnrolled(plain, {}, { coupled: true })).toMatch(/coupled/);
  });
});
