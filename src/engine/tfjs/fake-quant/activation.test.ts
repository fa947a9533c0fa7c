import { memory, tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { FORMATS } from '../../../core/numerics/formats/table';
import { initBackend } from '../backend';
import { nodeHost } from '../node-host';
import { fakeQuantize, fakeQuantized } from './activation';
import { roundToFormat } from './format';

const formats = FORMATS.filter(({ activations }) => activations.kind !== 'int');

describe.each(['wasm', 'cpu'] as const)('activations in formats that are no integers, on %s', (backend) => {
  beforeAll(async () => {
    await initBackend(nodeHost(), backend);
  });

  it.each(formats)('$id: bit for bit as the plain loop', ({ activations: format }) => {
    const before = memory().numTensors;
    const value = fc.oneof(
      fc.float({ min: -1000, max: 1000, noNaN: true }),
      // Around subnormal numbers and ties of every size.
      fc
        .tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -80, max: 80 }))
        .map(([exponent, eighths]) => Math.fround((eighths / 8) * 2 ** exponent)),
      fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, 464, -464, 448, 1e30),
    );
    const scales = fc.constantFrom(1, 0.25, 2 ** -9, 3, Math.fround(0.1), Math.fround(1e-3));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 39 }), scales, (list, scale) => {
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
    expect(memory().numTensors).toBe(before);
  });
});
