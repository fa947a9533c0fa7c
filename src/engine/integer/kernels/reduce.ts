import { affineOf, codes, required, type Kernel } from '../kernel';
import { elementCount } from '../../../core/graph/graph';
import { reductionLattices } from './layout';

export const mean: Kernel<'mean'> = (op, tensors, profile) => {
  const input = affineOf(required(tensors.inputs, 0));
  const output = affineOf(tensors.outputs[0]);
  return (inputs, [out]) => {
    const { shape } = required(inputs, 0);
    const source = codes(inputs, 0);
    const { kept, dropped } = reductionLattices(shape, op.attrs.axes);
    const finish = profile.mean(input, output, elementCount(op.attrs.axes.map((d) => shape[d])));
    kept.forEach((at, i) => {
      let sum = 0;
      for (const offset of dropped) sum += source[at + offset];
      out.data[i] = finish(sum);
    });
  };
};

export const reduceMax: Kernel<'reduceMax'> =
  (op) =>
  (inputs, [out]) => {
    const source = codes(inputs, 0);
    const { kept, dropped } = reductionLattices(required(inputs, 0).shape, op.attrs.axes);
    kept.forEach((at, i) => {
      let max = -128;
      for (const offset of dropped) if (source[at + offset] > max) max = source[at + offset];
      out.data[i] = max;
    });
  };
