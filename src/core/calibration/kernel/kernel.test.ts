import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitGrid } from '../grid';
import { BLOCK, MAX_BINS } from './kernel';
import { ScalarKernel } from './scalar';
import { WasmKernel } from './wasm';

const floats = fc.oneof(
  fc.float({ noDefaultInfinity: false, noNaN: false }),
  fc.float({ min: -8, max: 8 }),
  fc.constantFrom(0, -0, 1, 1),
);
const blocks = fc.array(floats, { maxLength: 70 }).map((values) => Float32Array.from(values));
const wasm = WasmKernel.create()!;
const scalar = new ScalarKernel();

function differs(a: Float64Array, b: Float64Array): number {
  return a.findIndex((count, i) => count !== b[i]);
}

function countsOf(kernel: WasmKernel | ScalarKernel): Float64Array {
  const counts = new Float64Array(MAX_BINS);
  kernel.flush(counts);
  return counts;
}

describe('statistics kernels', () => {
  it('run in WebAssembly here', () => {
    expect(wasm).toBeInstanceOf(WasmKernel);
  });

  it('agree, count by count and to rounding', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        const a = wasm.load(block);
        const b = scalar.load(block);
        expect([a.count, a.zeros]).toEqual([b.count, b.zeros]);
        expect([a.min + 0, a.max + 0]).toEqual([b.min + 0, b.max + 0]);
        const size = Math.max(Math.abs(b.min), Math.abs(b.max));
        expect(Math.abs(a.mean - b.mean)).toBeLessThanOrEqual(1e-13 * size);
        expect(Math.abs(a.squares - b.squares)).toBeLessThanOrEqual(1e-13 * size ** 2 * a.count);
        if (a.count === 0) return;
        const { exponent, origin } = fitGrid(a.min, a.max, MAX_BINS);
        for (const kernel of [wasm, scalar]) kernel.bin(2 ** -exponent, origin);
        expect(differs(countsOf(wasm), countsOf(scalar))).toBe(-1);
      }),
      { numRuns: 500 },
    );
  });

  it('agree on full blocks and on every length of the last vector', () => {
    for (const length of [BLOCK, BLOCK - 1, BLOCK - 2, BLOCK - 3, 1, 2, 3, 4, 5]) {
      const block = Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 43);
      for (const kernel of [wasm, scalar]) {
        expect(kernel.load(block).count).toBe(length);
        kernel.bin(16, -43 * 16);
      }
      expect(differs(countsOf(wasm), countsOf(scalar))).toBe(-1);
    }
  });

  it('start over after a flush', () => {
    wasm.load(Float32Array.of(1, 2, 3));
    wasm.bin(1, 0);
    expect(countsOf(wasm).reduce((a, b) => a + b)).toBe(3);
    expect(countsOf(wasm).reduce((a, b) => a + b)).toBe(0);
  });
});
