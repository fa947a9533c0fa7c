import {
  add,
  concat,
  matMul,
  mul,
  reshape,
  scalar,
  sigmoid,
  slice,
  split,
  square,
  stack,
  sub,
  sum,
  tanh,
  unstack,
  where,
  less,
  abs,
  zerosLike,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { Rule } from './rule';

const product = (a: Tensor, b: Tensor, transposeA = false, transposeB = false) =>
  matMul(a as Tensor2D, b as Tensor2D, transposeA, transposeB);
const oneMinus = (x: Tensor) => sub(scalar(1), x);

/** What each step saw of the step before: the sequence moved on by one, with zeros in front. */
function before(sequence: Tensor): Tensor {
  const [batch, steps, units] = sequence.shape as [number, number, number];
  const earlier = slice(sequence, [0, 0, 0], [batch, steps - 1, units]);
  return concat([zerosLike(slice(sequence, [0, 0, 0], [batch, 1, units])), earlier], 1);
}

/** Backpropagation through time; the gates are computed again from what the steps handed on. */
export const lstm: Rule<'lstm'> = ({ op, dys, inputs, outputs }) => {
  const [x, h, c] = [inputs[0]!, outputs[0], outputs[1]];
  const [batch, steps, width] = x.shape as [number, number, number];
  const units = h.shape[2]!;
  const joined = (from: number) =>
    concat(
      inputs.slice(from, from + 4).map((part) => part!),
      0,
    );
  const [kernel, recurrent, bias] = [joined(1), joined(5), joined(9)];
  const rows = (sequence: Tensor, size: number) => reshape(sequence, [batch * steps, size]);
  const [seen, handedOn] = [rows(x, width), rows(before(h), units)];
  const gates = add(add(product(seen, kernel, false, true), product(handedOn, recurrent, false, true)), bias);
  const [i, f, g, o] = split(reshape(gates, [batch, steps, 4 * units]), 4, 2).map((gate, index) =>
    unstack(index === 2 ? tanh(gate) : sigmoid(gate), 1),
  ) as [Tensor[], Tensor[], Tensor[], Tensor[]];
  const [cells, earlier] = [unstack(c, 1), unstack(before(c), 1)];
  const [dh, dc] = [0, 1].map((index) => unstack(dys[index] ?? zerosLike(h), 1)) as [Tensor[], Tensor[]];
  const { cellClip } = op.attrs;

  const steered: Tensor[] = [];
  let [dState, dCell]: [Tensor, Tensor] = [zerosLike(dh[0]), zerosLike(dh[0])];
  for (let t = steps - 1; t >= 0; t--) {
    const dOutput = add(dh[t], dState);
    const shown = tanh(cells[t]);
    const through = add(mul(mul(dOutput, o[t]), oneMinus(square(shown))), add(dc[t], dCell));
    const d = cellClip > 0 ? where(less(abs(cells[t]), cellClip), through, zerosLike(through)) : through;
    const logistic = (y: Tensor, dy: Tensor) => mul(dy, mul(y, oneMinus(y)));
    const dGates = concat(
      [
        logistic(i[t], mul(d, g[t])),
        logistic(f[t], mul(d, earlier[t])),
        mul(mul(d, i[t]), oneMinus(square(g[t]))),
        logistic(o[t], mul(dOutput, shown)),
      ],
      1,
    );
    dState = product(dGates, recurrent);
    dCell = mul(d, f[t]);
    steered.unshift(dGates);
  }
  const dGates = rows(stack(steered, 1), 4 * units);
  return [
    reshape(product(dGates, kernel), x.shape),
    ...split(product(dGates, seen, true), 4, 0),
    ...split(product(dGates, handedOn, true), 4, 0),
    ...split(sum(dGates, 0), 4, 0),
  ];
};
