import { expect, it } from 'vitest';
import { Random } from '../../../base/random';
import { PlainRows, WasmRows } from './accumulate';
import { DotMemory } from './wasm/dot-memory';

const random = new Random(3);
const codes = (length: number, ends = false) =>
  Int8Array.from({ length }, () => (ends ? (random.integer(2) ? 127 : -128) : random.integer(256) - 128));

it.each([
  // channels, groups, runs, length, pixels, step; all sums of extremes wrap or do not, alike.
  [1, 1, 1, 8, 1, 8],
  [5, 1, 3, 9, 7, 3],
  [6, 2, 3, 5, 6, 10],
  [16, 1, 9, 16, 4, 16],
  [3, 1, 1, 1000, 3, 1000],
])(
  '%i channels in %i groups, %i runs of %i: the same sums in WebAssembly',
  (channels, groups, runs, length, pixels, step) => {
    const memory = DotMemory.create()!;
    for (const ends of [false, true]) {
      const weights = codes(channels * runs * length, ends);
      const bias = Int32Array.from({ length: channels }, () => random.integer(2 ** 32) - 2 ** 31);
      const image = codes(runs * 50 + length * groups + step * pixels, ends);
      const window = { inputOffsets: Int32Array.from({ length: runs }, (_, r) => 50 * r), length };
      const filters = { weights, bias, groups, depth: length };
      const [plain, wasm] = [new PlainRows(filters), new WasmRows(filters, memory)];
      for (const rows of [plain, wasm]) rows.open(image, window, pixels);
      expect(wasm.row(0, step, pixels).slice()).toEqual(plain.row(0, step, pixels));
    }
  },
);

it('grows its memory to what a layer takes', () => {
  const memory = DotMemory.create()!;
  const filters = { weights: codes(64 * 4096), bias: new Int32Array(64), groups: 1, depth: 4096 };
  const image = codes(4 * 4096);
  const runs = { inputOffsets: new Int32Array(1), length: 4096 };
  const [plain, wasm] = [new PlainRows(filters), new WasmRows(filters, memory)];
  for (const rows of [plain, wasm]) rows.open(image, runs, 4);
  expect(wasm.row(0, 4096, 4).slice()).toEqual(plain.row(0, 4096, 4));
});
