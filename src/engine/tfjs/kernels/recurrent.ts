import {
  add,
  clipByValue,
  concat,
  matMul,
  mul,
  reshape,
  sigmoid,
  split,
  stack,
  tanh,
  unstack,
  type Tensor,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { present, type Kernel } from './kernel';

export const lstm: Kernel<'lstm'> = {
  run(inputs, { attrs: { cellClip } }) {
    const x = present(inputs, 0);
    const [batch, steps, width] = x.shape as [number, number, number];
    const joined = (from: number) =>
      concat(
        [0, 1, 2, 3].map((gate) => present(inputs, from + gate)),
        0,
      );
    const [kernel, recurrent, bias] = [joined(1), joined(5), joined(9)];
    const projected = add(matMul(reshape(x, [-1, width]), kernel as Tensor2D, false, true), bias);
    const [outputs, cells]: [Tensor[], Tensor[]] = [[], []];
    for (const input of unstack(reshape(projected, [batch, steps, bias.size]), 1)) {
      const [h, c] = [outputs.at(-1), cells.at(-1)];
      const gates = h ? add(input, matMul(h as Tensor2D, recurrent as Tensor2D, false, true)) : input;
      const [i, f, g, o] = split(gates, 4, 1) as [Tensor, Tensor, Tensor, Tensor];
      const fresh = mul(sigmoid(i), tanh(g));
      const sum = c ? add(mul(sigmoid(f), c), fresh) : fresh;
      const cell = cellClip > 0 ? clipByValue(sum, -cellClip, cellClip) : sum;
      cells.push(cell);
      outputs.push(mul(sigmoid(o), tanh(cell)));
    }
    return [stack(outputs, 1), stack(cells, 1)];
  },
};
