import { describe, expect, it } from 'vitest';
import { dequantize, widenFloat16 } from './constants';

describe('widenFloat16', () => {
  it.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x03ff, 1023 * 2 ** -24],
    [0x0001, 2 ** -24],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e01, NaN],
  ])('%i is %f', (bits, value) => {
    expect(widenFloat16(Uint16Array.of(bits))[0]).toBe(value);
  });
});

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
