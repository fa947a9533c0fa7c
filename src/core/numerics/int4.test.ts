import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packInt4, unpackInt4 } from './int4';

describe('int4 packing', () => {
  // Oracles §5.
  it('puts the first code into the low nibble', () => {
    expect([...packInt4(Int8Array.of(2, 1, 4, 3))]).toEqual([0x12, 0x34]);
  });

  it('pads an odd tail with a zero nibble', () => {
    expect([...packInt4(Int8Array.of(-1, -8, 7))]).toEqual([0x8f, 0x07]);
  });

  it('comes back, signs and all', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -8, max: 7 })), (codes) => {
        expect([...unpackInt4(packInt4(Int8Array.from(codes)), codes.length)]).toEqual(codes);
      }),
    );
  });
});
