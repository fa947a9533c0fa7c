import fc from 'fast-check';
import { describe, it } from 'vitest';
import { NETWORKS } from '../../../testing/builders/onnx-networks';
import { writeOnnx } from '../../../testing/builders/onnx-writer';
import { RangefinderError } from '../../../base/errors';
import { readOnnx } from './read';

describe('damaged files', () => {
  const networks = Object.values(NETWORKS).map(writeOnnx);
  const settle = (bytes: Uint8Array) => {
    try {
      readOnnx(bytes, 'a.onnx');
    } catch (thrown) {
      if (!(thrown instanceof RangefinderError)) throw thrown;
    }
  };

  it('end in typed errors, whichever bytes were flipped', () => {
    const flips = fc.array(fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom(...networks), flips, (bytes, list) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, mask] of list) damaged[at % damaged.length] ^= mask;
        settle(damaged);
      }),
      { numRuns: 400 },
    );
  });

  it('end in typed errors, wherever they were cut off', () => {
    fc.assert(
      fc.property(fc.constantFrom(...networks), fc.double({ min: 0, max: 1, noNaN: true }), (bytes, share) =>
        settle(bytes.slice(0, Math.floor(share * bytes.length))),
      ),
      { numRuns: 200 },
    );
  });
});
