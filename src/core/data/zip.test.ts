import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import { crc32 } from '../../base/crc32';
import { openGzip, openZip } from './zip';

const text = (value: string) => new TextEncoder().encode(value);
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(RangefinderError);
    return (error as RangefinderError).code;
  }
  return 'none';
};

/** Offset of a signature ("PK" and two bytes) in an archive. */
function find(archive: Uint8Array, a: number, b: number): number {
  return archive.findIndex((_, i) => [0x50, 0x4b, a, b].every((byte, j) => archive[i + j] === byte));
}

describe('crc32', () => {
  it('has the check value of the catalogue of CRCs, at every length and offset', () => {
    expect(crc32(text('123456789'))).toBe(0xcbf43926);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        // gzip stores the CRC of its content eight bytes before its end
        const packed = gzipSync(bytes);
        expect(crc32(bytes)).toBe(
          new DataView(packed.buffer, packed.byteOffset + packed.length - 8).getUint32(0, true),
        );
      }),
    );
  });
});

describe('openZip', () => {
  const file = fc.tuple(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(0 as const, 6 as const));

  it('gives back every file, stored or deflated, whole or by its head', () => {
    fc.assert(
      fc.property(fc.array(file, { maxLength: 5 }), fc.nat(2000), (files, length) => {
        const archive = zipSync(
          Object.fromEntries(files.map(([bytes, level], i) => [`d/${i}.bin`, [bytes, { level }]])),
        );
        const entries = openZip(archive, 'a.zip');
        expect(entries.map(({ path }) => path)).toEqual(files.map((_, i) => `d/${i}.bin`));
        entries.forEach((entry, i) => {
          expect(entry.size).toBe(files[i][0].length);
          expect([...entry.bytes()]).toEqual([...files[i][0]]);
          expect([...entry.head(length)]).toEqual([...files[i][0].subarray(0, length)]);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('shows the head of a large file without inflating all of it', () => {
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7);
    const [entry] = openZip(zipSync({ 'a.bin': [large, { level: 6 }] }), 'a.zip');
    for (const length of [1, 512, 5000]) expect([...entry.head(length)]).toEqual([...large.subarray(0, length)]);
    expect(crc32(entry.bytes())).toBe(crc32(large));
  });

  it('opens what Python writes with 64-bit fields', () => {
    // zipfile.ZipFile(b, 'w').open('x.txt', 'w', force_zip64=True) with "hello" in it
    const archive =
      'UEsDBC0AAAAAAAAAIQCGphA2//////////8FABQAeC50eHQBABAABQAAAAAAAAAFAAAAAAAAAGhlbGxvUEsBAi0DLQAAAAAAAAAhAIamEDYFAAAABQAAAAUAAAAAAAAAAAAAAIABAAAAAHgudHh0UEsFBgAAAAABAAEAMwAAADwAAAAAAA==';
    const [entry] = openZip(new Uint8Array(Buffer.from(archive, 'base64')), 'a.zip');
    expect(new TextDecoder().decode(entry.bytes())).toBe('hello');
  });

  it('refuses what lies', () => {
    const archive = zipSync({ 'a.txt': [text('hello '.repeat(100)), { level: 9 }] });
    const directory = find(archive, 1, 2);
    const patched = (at: number, ...bytes: number[]) => {
      const copy = archive.slice();
      copy.set(bytes, at);
      return () => openZip(copy, 'a.zip').map((entry) => entry.bytes());
    };
    expect(code(patched(directory + 24, 0xff, 0xff, 0xff, 0x7f))).toBe('corrupt-file'); // grows more than DEFLATE can
    expect(code(patched(directory + 24, 0xff, 0xff, 0xff, 0xff))).toBe('too-large');
    expect(code(patched(directory + 24, 0x10, 0x00))).toBe('corrupt-file'); // shorter than it is
    expect(code(patched(directory + 16, 0))).toBe('corrupt-file'); // checksum
    expect(code(patched(directory + 8, 1))).toBe('unsupported-feature'); // encrypted
    expect(code(patched(directory + 10, 14))).toBe('unsupported-feature'); // LZMA
    expect(code(patched(directory + 42, 0xff, 0xff))).toBe('corrupt-file'); // points outside
    expect(code(patched(directory + 46, ...text('../..')))).toBe('invalid-data');
    expect(code(() => openZip(archive.subarray(0, archive.length - 30), 'a.zip'))).toBe('corrupt-file');
  });

  it('refuses entries that share the same bytes, which unpack to any amount', () => {
    const archive = zipSync({ 'a.txt': [text('hello'), { level: 0 }], 'b.txt': [text('world'), { level: 0 }] });
    expect(code(() => openZip(archive, 'a.zip'))).toBe('none');
    const first = find(archive, 1, 2);
    const second = first + 1 + find(archive.subarray(first + 1), 1, 2);
    const shared = archive.slice();
    shared.copyWithin(second, first, second); // both entries of the directory name the first file
    expect(code(() => openZip(shared, 'a.zip'))).toBe('corrupt-file');
  });

  it('ends every damaged archive in files or a typed error', () => {
    const archive = zipSync({ 'a.txt': [text('hello '.repeat(20)), { level: 9 }], 'b.bin': [text('x'), { level: 0 }] });
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(255), (at, value) => {
        const damaged = archive.slice();
        damaged[at] = value;
        code(() => openZip(damaged, 'a.zip').forEach((entry) => [entry.head(4), entry.bytes()]));
      }),
      { numRuns: 500 },
    );
  });
});

describe('openGzip', () => {
  it('inflates and checks', () => {
    const packed = gzipSync(text('hello '.repeat(50)));
    const file = openGzip({ path: 'a/b.idx.gz', bytes: packed });
    expect(file.path).toBe('a/b.idx');
    expect(file.bytes().length).toBe(300);
    expect(code(() => openGzip({ path: 'a.gz', bytes: packed.subarray(0, -3) }).bytes())).toBe('corrupt-file');
    expect(code(() => openGzip({ path: 'a.gz', bytes: packed.subarray(0, 10) }))).toBe('corrupt-file');
    const flipped = packed.slice();
    flipped[flipped.length - 6] ^= 1;
    expect(code(() => openGzip({ path: 'a.gz', bytes: flipped }).bytes())).toBe('corrupt-file');
  });
});
