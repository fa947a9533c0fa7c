/** Quantized constants as the reals they stand for, where a reader wants those. */
import type { QuantParams, Shape, TensorData } from '../graph/graph';

/** real = scale × (q − zeroPoint), per tensor or along the quantized dimension. */
export function dequantize(data: TensorData, shape: Shape, quant: QuantParams): Float32Array {
  const { scale, zeroPoint, quantizedDimension } = quant;
  const inner = scale.length > 1 ? shape.slice(quantizedDimension + 1).reduce((n, d) => n * d, 1) : data.length;
  const real = new Float32Array(data.length);
  let channel = 0;
  for (let start = 0; start < data.length; start += inner) {
    const s = scale[channel];
    const z = zeroPoint[channel];
    for (let i = start; i < start + inner; i++) real[i] = s * (Number(data[i]) - z);
    if (++channel === scale.length) channel = 0;
  }
  return real;
}
