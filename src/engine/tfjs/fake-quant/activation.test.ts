import { memory, tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FORMATS } from '../../../core/number-formats/table';
import { initBackend, type TfjsBackend } from '../backend';
import { nodeHost } from '../node-host';
import { fakeQuantize, fakeQuantized } from './activation';
import { roundToFormat } from './format';

const formats = FORMATS.filter(({ activations }) => activations.kind !== 'int');

const value = fc.oneof(
  fc.float({ min: -1000, max: 1000, noNaN: true }),
  // Around subnormal numbers and ties of every size.
  fc
    .tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -80, max: 80 }))
    .map(([exponent, eighths]) => Math.fround((eighths / 8) * 2 ** exponent)),
  fc.constantFrom(0, -0, 464, -464, 448, 1e30),
);
const special = fc.constantFrom(NaN, Infinity, -Infinity);
const scales = fc.constantFrom(1, 0.25, 2 ** -9, 3, Math.fround(0.1), Math.fround(1e-3));

describe('activations in formats that are no integers', () => {
  let before = 0;
  const start = async (backend: TfjsBackend) => {
    await initBackend(nodeHost(), backend);
    before = memory().numTensors;
  };
  afterEach(() => expect(memory().numTensors).toBe(before));

  it.each(formats)('$id: bit for bit as the plain loop, on wasm', async ({ activations: format }) => {
    await start('wasm');
    const values = fc.array(fc.oneof({ arbitrary: value, weight: 9 }, special), { minLength: 1, maxLength: 39 });
    fc.assert(
      fc.property(values, scales, (list, scale) => {
        const expected = Float32Array.from(list);
        roundToFormat(expected, list.length, { format, scale });
        const x = tensor(list, [1, list.length], 'float32');
        const rounded = fakeQuantized(x, { format, scale });
        expect([...rounded.dataSync()].map((v) => v + 0)).toEqual([...expected].map((v) => v + 0));
        expect([...x.dataSync()]).toEqual([...Float32Array.from(list)]);
        const replaced = fakeQuantize(x, { format, scale });
        expect([...replaced.dataSync()]).toEqual([...rounded.dataSync()]);
        rounded.dispose();
        replaced.dispose();
      }),
    );
  });

  it.each(formats)('$id: the same but for the last digits where it is composed', async ({ activations: format }) => {
    await start('cpu');
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 39 }), scales, (list, scale) => {
        const expected = Float32Array.from(list);
        roundToFormat(expected, list.length, { format, scale });
        const x = tensor(list, [1, list.length], 'float32');
        const rounded = fakeQuantized(x, { format, scale });
        [...rounded.dataSync()].forEach((v, i) => {
          // Values next to a tie may tip over, so it need only be about as near.
          const error = Math.abs(v - list[i]) - Math.abs(expected[i] - list[i]);
          expect(error).toBeLessThan(1e-5 * Math.abs(list[i]) + 1e-30);
        });
        x.dispose();
        rounded.dispose();
      }),
    );
  });
});
