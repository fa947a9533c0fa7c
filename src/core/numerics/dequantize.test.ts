import { describe, expect, it } from 'vitest';
import { dequantize } from './dequantize';

describe('dequantize', () => {
  it('uses one scale for the whole tensor', () => {
    const quant = { scale: Float32Array.of(0.5), zeroPoint: Int32Array.of(-2), quantizedDimension: 0 };
    expect([...dequantize(Int8Array.of(-128, -2, 127), [3], quant)]).toEqual([-63, 0, 64.5]);
  });

  it('follows the quantized dimension, whichever it is', () => {
    const quant = { scale: Float32Array.of(1, 10), zeroPoint: Int32Array.of(0, 1), quantizedDimension: 1 };
    const data = Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8); // [2, 2, 2]
    expect([...dequantize(data, [2, 2, 2], quant)]).toEqual([1, 2, 20, 30, 5, 6, 60, 70]);
    expect([...dequantize(data, [2, 2, 2], { ...quant, quantizedDimension: 2 })]).toEqual([1, 10, 3, 30, 5, 50, 7, 70]);
    expect([...dequantize(data, [2, 2, 2], { ...quant, quantizedDimension: 0 })]).toEqual([1, 2, 3, 4, 40, 50, 60, 70]);
  });
});
