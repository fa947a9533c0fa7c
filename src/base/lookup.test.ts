import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookup, put } from './lookup';

describe('lookup and put', () => {
  it('take every name for a name', () => {
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'valueOf', 'toString', 'hasOwnProperty'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.integer())), names, (entries, asked) => {
        const record: Record<string, number> = {};
        for (const [name, value] of entries) put(record, name, value);
        const map = new Map(entries);
        expect(lookup(record, asked)).toBe(map.get(asked));
        expect(new Map(Object.entries(structuredClone(record)))).toEqual(map);
      }),
    );
  });

  it('find nothing where there is no record or no key', () => {
    expect([lookup(undefined, 'a'), lookup({ null: 1 }, null), lookup({ undefined: 1 }, undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
