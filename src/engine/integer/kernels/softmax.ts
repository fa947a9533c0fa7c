/** Ops that work on each row along the last axis as a whole. */
import { affineOf, codes, required, type Kernel, type OpTensors, type Run } from '../kernel';
import type { Affine, RowRule } from '../profile';

function byRows(tensors: OpTensors, rule: (input: Affine, output: Affine) => RowRule): Run {
  const row = rule(affineOf(required(tensors.inputs, 0)), affineOf(tensors.outputs[0]));
  return (inputs, [out]) => {
    const source = codes(inputs, 0);
    const target = out.data as Int8Array;
    const width = out.shape[out.shape.length - 1];
    for (let at = 0; at < source.length; at += width)
      row(source.subarray(at, at + width), target.subarray(at, at + width));
  };
}

export const softmax: Kernel<'softmax'> = (op, tensors, profile) =>
  byRows(tensors, (input, output) => profile.softmax(input, output, op.attrs.beta));

export const logSoftmax: Kernel<'logSoftmax'> = (_op, tensors, profile) =>
  byRows(tensors, (input, output) => profile.logSoftmax(input, output));

export const l2Normalization: Kernel<'l2Normalization'> = (_op, tensors, profile) =>
  byRows(tensors, (input, output) => profile.l2Normalization(input, output));
