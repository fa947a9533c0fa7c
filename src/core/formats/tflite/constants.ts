/** Constants widened to float32 on reading. */
import type { QuantParams, Shape, TensorData } from '../../graph/graph';

/** IEEE 754 binary16 to binary32, exactly, through a table of all 65,536 values (made on first use). */
export function widenFloat16(half: Uint16Array): Float32Array {
  float16Table ??= makeFloat16Table();
  const table = float16Table;
  const wide = new Float32Array(half.length);
  for (let i = 0; i < half.length; i++) wide[i] = table[half[i]!]!;
  return wide;
}

let float16Table: Float32Array | undefined;

function makeFloat16Table(): Float32Array {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) table[bits] = fraction ? NaN : sign * Infinity;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return table;
}

/** real = scale × (q − zeroPoint), per tensor or along the quantized dimension. */
export function dequantize(data: TensorData, shape: Shape, quant: QuantParams): Float32Array {
  const { scale, zeroPoint, quantizedDimension } = quant;
  const inner = scale.length > 1 ? shape.slice(quantizedDimension + 1).reduce((n, d) => n * d, 1) : data.length;
  const real = new Float32Array(data.length);
  let channel = 0;
  for (let start = 0; start < data.length; start += inner) {
    const s = scale[channel]!;
    const z = zeroPoint[channel]!;
    for (let i = start; i < start + inner; i++) real[i] = s * (Number(data[i]) - z);
    if (++channel === scale.length) channel = 0;
  }
  return real;
}
