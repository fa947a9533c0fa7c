/** Crossings between float and integer regions, and from one scale to another. */
import { affineOf, codes, required, type Kernel } from '../kernel';
import { unary } from './elementwise';

const requantize = unary('quantize');

export const quantize: Kernel<'quantize'> = (op, tensors, profile) => {
  if (required(tensors.inputs, 0).dtype !== 'float32') return requantize(op, tensors, profile);
  const toCode = profile.quantize(affineOf(tensors.outputs[0]));
  return (inputs, [out]) => {
    const source = required(inputs, 0).data as Float32Array;
    const target = out.data as Int8Array;
    for (let i = 0; i < source.length; i++) target[i] = toCode(source[i]);
  };
};

export const dequantize: Kernel<'dequantize'> = (_op, tensors, profile) => {
  const toReal = profile.dequantize(affineOf(required(tensors.inputs, 0)));
  return (inputs, [out]) => {
    const source = codes(inputs, 0);
    const target = out.data as Float32Array;
    for (let i = 0; i < source.length; i++) target[i] = toReal(source[i]);
  };
};
