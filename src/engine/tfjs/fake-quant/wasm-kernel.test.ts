import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeQuantizeValue } from './grid';
import { fakeQuantKernel } from './wasm-kernel';

const memory = new WebAssembly.Memory({ initial: 1 });
const kernel = fakeQuantKernel(memory);

function run(values: Float32Array, scale: number, zeroPoint: number, source = 16, target = source): Float32Array {
  const heap = new Float32Array(memory.buffer);
  heap.fill(7);
  heap.set(values, source / 4);
  kernel(source, target, values.length, scale, -128 - zeroPoint, 127 - zeroPoint);
  expect(heap[target / 4 - 1]).toBe(7);
  expect(heap[target / 4 + values.length]).toBe(7);
  return heap.slice(target / 4, target / 4 + values.length);
}

describe('fake quantization kernel', () => {
  it('rounds ties to even and clamps to the grid', () => {
    const values = Float32Array.from([0.25, 0.75, 1.25, -0.25, -0.75, 0.24, 0.26, 1000, -1000, 63.5, -64]);
    expect([...run(values, 0.5, 0)].map((v) => v + 0)).toEqual([0, 1, 1, 0, -1, 0, 0.5, 63.5, -64, 63.5, -64]);
    expect([...run(Float32Array.from([-1, 0.5, 127.6]), 0.5, -128)].map((v) => v + 0)).toEqual([0, 0.5, 127.5]);
  });

  it('keeps NaN and clamps infinities', () => {
    expect([...run(Float32Array.from([NaN, Infinity, -Infinity, 0, NaN]), 1, 0)]).toEqual([NaN, 127, -128, 0, NaN]);
  });

  it('writes elsewhere when asked, leaving the source alone', () => {
    const values = Float32Array.from([0.3, 0.6, 0.9, 1.2, 1.5, 1.8]);
    expect([...run(values, 1, 0, 16, 400)]).toEqual([0, 1, 1, 1, 2, 2]);
    expect([...new Float32Array(memory.buffer, 16, 6)]).toEqual([...values]);
  });

  it('agrees bit for bit with fakeQuantizeValue, and with the definition in float64 away from ties', () => {
    const float = fc.float({ min: Math.fround(-1e6), max: Math.fround(1e6), noNaN: true });
    const scales = fc.float({ min: Math.fround(1e-5), max: 1000, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(float, { minLength: 1, maxLength: 23 }),
        scales,
        fc.integer({ min: -128, max: 127 }),
        (list, scale, zeroPoint) => {
          const values = Float32Array.from(list, (v, i) => (i % 2 ? v : Math.fround((v / 1e4) * scale)));
          const out = run(values, scale, zeroPoint);
          out.forEach((actual, i) => {
            expect(actual + 0).toBe(fakeQuantizeValue(values[i], { scale, zeroPoint, qmin: -128, qmax: 127 }) + 0);
            const exact = values[i] / scale;
            if (Math.abs(Math.abs(exact - Math.trunc(exact)) - 0.5) < 1e-6 * Math.max(1, Math.abs(exact))) return;
            const q = Math.min(127, Math.max(-128, Math.round(exact) + zeroPoint));
            expect(actual + 0).toBe(Math.fround(scale * (q - zeroPoint)) + 0);
          });
        },
      ),
    );
  });
});
