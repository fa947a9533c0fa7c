import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { runAsFile } from '../../../testing/fixtures/onnx-cases';
import { testValues } from '../../../testing/oracles/naive/compare';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import { readOnnx } from './read';

/** A product of bare codes, as x is quantized with one zero point and they are taken less another. */
const product = (subtracted: number) =>
  writeOnnx({
    inputs: { x: [2, 6] },
    outputs: ['y'],
    weights: {
      step: [[], [0.02]],
      zero: [[], Uint8Array.of(118)],
      subtracted: [[], Uint8Array.of(subtracted)],
      w: [[6, 3], Int8Array.from({ length: 18 }, (_, i) => ((i * 37) % 255) - 127)],
      w_zero: [[], Int8Array.of(3)],
      scale: [[], [0.0002]],
    },
    nodes: [
      ['QuantizeLinear', 'x step zero', 'q'],
      ['MatMulInteger', 'q w subtracted w_zero', 'sums'],
      ['Cast', 'sums', 'real', { to: 1 }],
      ['Mul', 'real scale', 'y'],
    ],
  });

describe('arithmetic on the codes of a statically quantized input', () => {
  beforeAll(() => {
    ort.env.wasm.numThreads = 1;
  });

  it.each([
    ['the zero point it was quantized with', 118],
    ['another zero point', 100],
  ])('with %s is what onnxruntime computes', async (_name, subtracted) => {
    const bytes = product(subtracted);
    const values = testValues(12, 7);
    const session = await ort.InferenceSession.create(bytes);
    const { y } = await session.run({ x: new ort.Tensor('float32', values, [2, 6]) });
    await session.release();
    const expected = y.data as Float32Array;
    const [{ data }] = runAsFile(readOnnx(bytes, 'a.onnx'), new Map([['x', { shape: [2, 6], values }]]));
    const largest = expected.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    expect(largest).toBeGreaterThan(0.5);
    data.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(1e-5 * largest));
  });
});
