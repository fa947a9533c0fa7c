import { affineOf, codes, required, type Kernel, type OpTensors, type Run } from '../kernel';
import { elementCount } from '../../../core/graph/graph';
import type { Affine } from '../profile';
import { reductionLattices } from './layout';

type Finish = (input: Affine, output: Affine, count: number) => (sum: number) => number;

function summing(axes: readonly number[], tensors: OpTensors, finishing: Finish): Run {
  const input = affineOf(required(tensors.inputs, 0));
  const output = affineOf(tensors.outputs[0]);
  return (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const source = codes(inputs, 0);
    const { kept, dropped } = reductionLattices(shape, axes);
    const finish = finishing(input, output, elementCount(axes.map((d) => shape[d])));
    kept.forEach((at, i) => {
      let sum = 0;
      for (const offset of dropped) sum += source[at + offset];
      out.data[i] = finish(sum);
    });
  };
}

export const mean: Kernel<'mean'> = (op, tensors, profile) =>
  summing(op.attrs.axes, tensors, (input, output, count) => profile.mean(input, output, count));

export const sum: Kernel<'sum'> = (op, tensors, profile) =>
  summing(op.attrs.axes, tensors, (input, output, count) => profile.sum(input, output, count));

function choosing(axes: readonly number[], better: (a: number, b: number) => number): Run {
  return (inputs, [out]) => {
    const source = codes(inputs, 0);
    const { kept, dropped } = reductionLattices(required(inputs, 0).shape, axes);
    kept.forEach((at, i) => {
      let best = source[at];
      for (const offset of dropped) best = better(best, source[at + offset]);
      out.data[i] = best;
    });
  };
}

export const reduceMax: Kernel<'reduceMax'> = (op) => choosing(op.attrs.axes, Math.max);
export const reduceMin: Kernel<'reduceMin'> = (op) => choosing(op.attrs.axes, Math.min);
