import { affineOf, codes, required, type Kernel } from '../kernel';

export const softmax: Kernel<'softmax'> = (op, tensors, profile) => {
  const row = profile.softmax(affineOf(required(tensors.inputs, 0)), affineOf(tensors.outputs[0]), op.attrs.beta);
  return (inputs, [out]) => {
    const source = codes(inputs, 0);
    const target = out.data as Int8Array;
    const width = out.shape[out.shape.length - 1];
    for (let at = 0; at < source.length; at += width)
      row(source.subarray(at, at + width), target.subarray(at, at + width));
  };
};
