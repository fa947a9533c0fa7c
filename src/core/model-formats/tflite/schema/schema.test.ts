import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from './decode';
import { encode } from './encode';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const tensor = fc.record(
  {
    shape: fc.array(int32, { maxLength: 6 }).map((v) => Int32Array.from(v)),
    type: fc.integer({ min: -128, max: 127 }),
    buffer: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    name: fc.string({ unit: 'grapheme', minLength: 1 }),
    isVariable: fc.boolean(),
    quantization: fc.record(
      {
        scale: fc.array(fc.float({ noNaN: true }), { maxLength: 5 }).map((v) => Float32Array.from(v)),
        zeroPoint: fc
          .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 5 })
          .map((v) => BigInt64Array.from(v)),
        detailsType: fc.integer({ min: 0, max: 255 }),
        quantizedDimension: int32,
      },
      { requiredKeys: ['detailsType', 'quantizedDimension'] },
    ),
  },
  { requiredKeys: ['type', 'buffer', 'isVariable'] },
);
const model = fc.record(
  {
    version: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    operatorCodes: fc.array(
      fc.record({ deprecatedBuiltinCode: fc.integer({ min: -128, max: 127 }), builtinCode: int32, version: int32 }),
    ),
    subgraphs: fc.array(fc.record({ tensors: fc.array(tensor) }, { requiredKeys: [] })),
    description: fc.string({ unit: 'grapheme', minLength: 1 }),
    buffers: fc.array(
      fc.record(
        { data: fc.uint8Array(), offset: fc.nat(), size: fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER) },
        { requiredKeys: ['offset', 'size'] },
      ),
    ),
  },
  { requiredKeys: ['version'] },
);

describe('the codecs', () => {
  it('agree on every model', () => {
    fc.assert(
      fc.property(model, (draft) => {
        const bytes = encode('Model', draft, 'TFL3', 64);
        const back = new Decoder(bytes, 'file').root('Model');
        // Schema defaults that the draft leaves out come back filled in.
        const tensors = draft.subgraphs?.map((subgraph) => ({
          ...subgraph,
          ...(subgraph.tensors && {
            tensors: subgraph.tensors.map((t) => ({ ...t, hasRank: false, externalBuffer: 0 })),
          }),
        }));
        expect(back).toEqual({ ...draft, ...(tensors && { subgraphs: tensors }) });
        for (const { data } of back.buffers ?? []) if (data) expect((data.byteOffset - bytes.byteOffset) % 16).toBe(0);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it('fill in defaults that are not zero', () => {
    const bytes = encode('Model', { operatorCodes: [{}] }, 'TFL3', 64);
    expect(new Decoder(bytes, 'file').root('Model').operatorCodes![0].version).toBe(1);
  });
});
