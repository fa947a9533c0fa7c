/** Data that is odd rather than broken: each kind in formats and numbers of its own. */
import { gzipSync, zipSync } from 'fflate';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RangefinderError } from '../../base/errors';
import { writeNpy } from '../../testing/builders/npy-writer';
import { leftOutInWords, unusableSamples, withoutSamples } from './left-out';
import { openDataSet } from './open';
import type { SourceFile } from './types';
import { codePageOf, decodeName } from './zip-names';

const context = { decodeImage: async () => ({ shape: [1, 1, 1], values: new Uint8Array(1) }) };
const text = (path: string, content: string): SourceFile => ({ path, bytes: new TextEncoder().encode(content) });
const table = (content: string) => openDataSet([text('t.csv', content)], context);
const PNG = Uint8Array.of(
  0x89,
  0x50,
  0x4e,
  0x47,
  0x0d,
  0x0a,
  0x1a,
  0x0a,
  0x49,
  0x45,
  0x4e,
  0x44,
  0xae,
  0x42,
  0x60,
  0x82,
);

/** A stored zip whose names are these bytes, without the UTF-8 flag. */
function zipOf(names: readonly (readonly number[])[], content = PNG): Uint8Array {
  const placeholder = (i: number, length: number) => String(i).padStart(length, 'x');
  const bytes = zipSync(
    Object.fromEntries(names.map((name, i) => [placeholder(i, name.length), [content, { level: 0 as const }]])),
  );
  names.forEach((name, i) => {
    const wanted = new TextEncoder().encode(placeholder(i, name.length));
    for (let at = 0; at + wanted.length <= bytes.length; at++)
      if (wanted.every((byte, k) => bytes[at + k] === byte)) bytes.set(name, at);
  });
  return bytes;
}

const SHIFT_JIS: ReadonlyMap<string, readonly number[]> = new Map([
  ['犬', [0x8c, 0xa2]],
  ['猫', [0x94, 0x4c]],
  ['ネコ', [0x83, 0x6c, 0x83, 0x52]],
  ['ｶｴﾙ', [0xb6, 0xb4, 0xd9]],
]);
/** Windows-1252 and Latin-1 agree on letters. */
const bytesOf = (word: string) => SHIFT_JIS.get(word) ?? [...Buffer.from(word, 'latin1')];

/** An array of strings as NumPy writes it: characters of four bytes. */
function npyOfWords(words: readonly string[]): Uint8Array {
  const width = Math.max(...words.map((word) => word.length));
  const header = `{'descr': '<U${width}', 'fortran_order': False, 'shape': (${words.length},), }`.padEnd(117) + '\n';
  const codes = words.flatMap((word) => [...word.padEnd(width, '\0')].map((character) => character.codePointAt(0)!));
  const head = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0, ...Buffer.from(header)];
  return Uint8Array.from([...head, ...new Uint8Array(Uint32Array.from(codes).buffer)]);
}

describe('tables', () => {
  it('name rows without a label and number the classes of the others', async () => {
    const numbers = await table('a,b,label\n1,2,0\n3,4,\n5,6,1\n7,8,2\n');
    expect([...numbers.labels!]).toEqual([0, 1, 2]);
    expect(numbers.leftOut).toEqual([{ name: 'row 3', reason: 'has no label' }]);
    const words = await table('1,2,cat\n3,4,dog\n5,6, \n7,8,cat\n');
    expect(words.classNames).toEqual(['cat', 'dog']);
    expect([...words.labels!]).toEqual([0, 1, 0]);
    expect([...(await words.read(2)).values]).toEqual([7, 8]);
  });

  it.each(['inf', '-inf', 'nan', 'NaN', 'Infinity', '+Inf'])('take %s for a number and no header', async (word) => {
    const source = await table(`${word},2,0.3\n4,5,0.6\n`);
    expect(source.size).toBe(2);
    const unusable = await unusableSamples(source, []);
    expect([...unusable]).toEqual([[0, 'holds NaN or infinity, in 1 of 2 values']]);
  });

  it('take what is more than a float holds for infinity', async () => {
    const source = await table('1e999,2,0.3\n4,-1e400,0.6\n7,8,0.9\n');
    expect([...(await unusableSamples(source, [])).keys()]).toEqual([0, 1]);
  });

  it.each(['NaN', 'N/A', 'NA', 'null', 'None', '?', '-1', 'inf'])('name rows whose label is %s', async (word) => {
    const rows = Array.from({ length: 24 }, (_, i) => `${i},${i % 5},${i === 7 ? word : i % 12}`);
    const source = await table(['a,b,label', ...rows].join('\n'));
    // As words, 10 and 11 would come before 2.
    expect([...source.labels!]).toEqual(Array.from({ length: 24 }, (_, i) => i % 12).toSpliced(7, 1));
    expect(source.leftOut).toEqual([{ name: 'row 9', reason: `has no label (${word})` }]);
  });

  it('keep minus one among targets', async () => {
    const source = await table('a,b,y\n1,2,-1\n3,4,0.5\n5,6,2\n');
    expect([...source.targets!.values]).toEqual([-1, 0.5, 2]);
  });

  it.each([
    ['Windows-1252', ['Äpfel', 'Öl', 'ça']],
    ['Shift-JIS', ['犬', '猫', 'ネコ']],
  ])('read text in %s, and say so', async (label, words) => {
    const lines = words.map((word, i) => [...Buffer.from(`${i},${i + 1},`), ...bytesOf(word), 10]);
    const source = await openDataSet([{ path: 't.csv', bytes: Uint8Array.from(lines.flat()) }], context);
    expect(new Set(source.classNames)).toEqual(new Set(words));
    expect(source.notes).toEqual([`The text of t.csv was read as ${label}.`]);
  });

  it('read UTF-16 as spreadsheets write it', async () => {
    const bytes = Uint8Array.from([0xff, 0xfe, ...Buffer.from('1,2,Ä\n3,4,猫\n', 'utf16le')]);
    expect((await openDataSet([{ path: 't.csv', bytes }], context)).classNames).toEqual(['Ä', '猫']);
  });

  it('still know a header by its words', async () => {
    expect((await table('mean,info\n1,2\n3,4\n')).size).toBe(2);
  });
});

describe('arrays', () => {
  it.each([[[5e8, 0]], [[0, 5]], [[3, 0, 8]]])('of shape %j are refused at once', async (shape) => {
    const file = { path: 'x.npy', bytes: writeNpy({ descr: '<f4', shape, values: [] }) };
    await expect(openDataSet([file], context)).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringContaining('a dimension is 0'),
    });
  });

  it.each([
    ['<f8', NaN, 'has no label (NaN or infinity)'],
    ['<f4', Infinity, 'has no label (NaN or infinity)'],
    ['<i8', -1, 'has no label (−1)'],
  ] as const)('of labels %s lose the samples whose label is %d', async (descr, odd, reason) => {
    const archive = zipSync({
      'x.npy': writeNpy({ descr: '<f4', shape: [6, 1], values: [0, 1, 2, 3, 4, 5] }),
      'y.npy': writeNpy({ descr, shape: [6], values: [0, 1, odd, 1, 0, 1] }),
    });
    const source = await openDataSet([{ path: 'a.npz', bytes: archive }], context);
    expect([...source.labels!]).toEqual([0, 1, 1, 0, 1]);
    expect(source.leftOut).toEqual([{ name: 'sample 2', reason }]);
    expect([...(await source.read(2)).values]).toEqual([3]);
  });

  it('of words are classes', async () => {
    const archive = zipSync({
      'x.npy': writeNpy({ descr: '<f4', shape: [3, 1], values: [0, 1, 2] }),
      'y.npy': npyOfWords(['猫', 'dog', 'dog']),
    });
    const source = await openDataSet([{ path: 'a.npz', bytes: archive }], context);
    expect([source.classNames, [...source.labels!]]).toEqual([
      ['dog', '猫'],
      [1, 0, 0],
    ]);
  });

  it('lose the samples that hold NaN, and their labels with them', async () => {
    const values = Array.from({ length: 20 }, (_, i) => (i === 5 || i === 12 ? NaN : i));
    const archive = zipSync({
      'x.npy': writeNpy({ descr: '<f4', shape: [10, 2], values }),
      'y.npy': writeNpy({ descr: '|u1', shape: [10], values: [0, 1, 2, 0, 1, 2, 0, 1, 2, 0] }),
    });
    const opened = await openDataSet([{ path: 'a.npz', bytes: archive }], context);
    const source = withoutSamples(opened, await unusableSamples(opened, []));
    expect([source.size, [...source.labels!]]).toEqual([8, [0, 1, 0, 1, 2, 1, 2, 0]]);
    expect(leftOutInWords(source.leftOut!, source.size)).toBe(
      '2 of 10 left out: sample 2 holds NaN or infinity, in 1 of 2 values; sample 6 holds NaN or infinity, in 1 of 2 values.',
    );
    expect([...(await source.read(2)).values]).toEqual([6, 7]);
  });
});

describe('archives', () => {
  it.each([
    ['CP437', [0x8e, 0x99, 0x9a], ['Ä', 'Ö', 'Ü']],
    ['Windows-1252', [0xc4, 0xd6, 0xfc], ['Ä', 'Ö', 'ü']],
  ] as const)('have names in %s', async (codePage, bytes, classes) => {
    const names = bytes.map((byte) => [byte, 0x2f, 0x31, 0x2e, 0x70, 0x6e, 0x67]);
    const source = await openDataSet([{ path: 'a.zip', bytes: zipOf(names) }], context);
    expect(source.classNames).toEqual([...classes].sort());
    expect(source.notes).toEqual([`File names in a.zip were read as ${codePage}.`]);
  });

  it('have names in Shift-JIS and in UTF-8 without its flag', () => {
    const sjis = Uint8Array.of(0x94, 0x4c, 0x2f, 0x83, 0x6c, 0x83, 0x52); // 猫/ネコ
    expect([codePageOf([sjis]), decodeName(sjis, 'Shift-JIS')]).toEqual(['Shift-JIS', '猫/ネコ']);
    expect(codePageOf([new TextEncoder().encode('猫/Ä')])).toBe('UTF-8');
    expect(codePageOf([new TextEncoder().encode('plain')])).toBe('CP437');
  });

  it('are not taken for Japanese by accents among letters, nor Japanese for them by half-width kana', () => {
    const guessed = (...names: string[]) => codePageOf(names.map((name) => Uint8Array.from(bytesOf(name))));
    expect(guessed('forêt', 'crème')).toBe('Windows-1252');
    expect(guessed('ça', 'séance', 'CAFÉ')).toBe('Windows-1252');
    expect(guessed('ｶｴﾙ', '猫')).toBe('Shift-JIS');
  });

  it('are found behind a comment that holds their signature', async () => {
    const zip = zipSync({ 'a/1.png': PNG, 'b/1.png': PNG });
    const comment = [0x50, 0x4b, 5, 6, ...new Uint8Array(30)];
    const bytes = Uint8Array.from([...zip, ...comment]);
    new DataView(bytes.buffer).setUint16(zip.length - 2, comment.length, true);
    expect((await openDataSet([{ path: 'a.zip', bytes }], context)).classNames).toEqual(['a', 'b']);
  });

  it('may stand behind something else, whichever way their offsets count', async () => {
    const zip = zipOf(
      [
        [0x61, 0x2f, 0x31],
        [0x62, 0x2f, 0x31],
      ].map((name) => [...name, 0x2e, 0x70, 0x6e, 0x67]),
    );
    const prefixed = new Uint8Array(1000 + zip.length).fill(0x78);
    prefixed.set(zip, 1000);
    const source = await openDataSet([{ path: 'a.sh', bytes: prefixed }], context);
    expect(source.classNames).toEqual(['a', 'b']);
  });

  /** Unix made the entry of this name, which is a link (APPNOTE 4.4.2, and `st_mode` above the attributes). */
  function asLink(zip: Uint8Array, name: string): Uint8Array {
    const view = new DataView(zip.buffer);
    for (let at = 0; at + 46 < zip.length; at++) {
      if (view.getUint32(at, true) !== 0x02014b50) continue;
      const length = view.getUint16(at + 28, true);
      if (new TextDecoder().decode(zip.subarray(at + 46, at + 46 + length)) !== name) continue;
      view.setUint8(at + 5, 3);
      view.setUint32(at + 38, 0o120777 * 2 ** 16, true);
    }
    return zip;
  }

  it('name their links, and go on with the rest', async () => {
    const content = { 'd/a/1.png': PNG, 'd/a/2.png': new TextEncoder().encode('1.png'), 'd/b/3.png': PNG };
    const linked = asLink(zipSync(content, { level: 0 }), 'd/a/2.png');
    const reason = 'is a link to another file, which is not in the archive';
    const source = await openDataSet([{ path: 'a.zip', bytes: linked }], context);
    expect([source.sampleNames, source.leftOut]).toEqual([['d/a/1.png', 'd/b/3.png'], [{ name: 'd/a/2.png', reason }]]);
    const alone = asLink(zipSync({ 'b.png': new TextEncoder().encode('c.png') }, { level: 0 }), 'b.png');
    await expect(openDataSet([{ path: 'a.zip', bytes: alone }], context)).rejects.toMatchObject({
      message: `b.png ${reason}.`,
    });
  });

  it('are refused where their files share bytes or grow beyond all data', async () => {
    const zip = zipOf([[0x61], [0x62]]);
    const view = new DataView(zip.buffer);
    const second = zip.findLastIndex((_, at) => at + 4 <= zip.length && view.getUint32(at, true) === 0x02014b50);
    expect(second).toBeGreaterThan(0);
    view.setUint32(second + 42, 0, true);
    await expect(openDataSet([{ path: 'a.zip', bytes: zip }], context)).rejects.toMatchObject({ code: 'corrupt-file' });
    const zeros = new Uint8Array(zlib.gzipSync(new Uint8Array(80 * 2 ** 20)));
    await expect(openDataSet([{ path: 'a.gz', bytes: zeros }], context)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('of several gzip members are read whole, and each is checked', async () => {
    const parts = ['1,2,0\n3,4,1\n', '5,6,0\n', '7,8,1\n'].map((part) => gzipSync(new TextEncoder().encode(part)));
    const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
    expect((await openDataSet([{ path: 't.csv.gz', bytes }], context)).size).toBe(4);
    bytes[parts[0].length - 5] ^= 1;
    await expect(openDataSet([{ path: 't.csv.gz', bytes }], context)).rejects.toMatchObject({ code: 'corrupt-file' });
  });
});

describe('folders', () => {
  it('go on without pictures that cannot be decoded and files that cannot be read', async () => {
    const decoding = {
      decodeImage: async (bytes: Uint8Array) => {
        if (bytes[8] === 9)
          throw new RangefinderError({ code: 'corrupt-file', message: 'The picture is damaged: why.' });
        return { shape: [1, 1, 1], values: bytes.slice(0, 1) };
      },
    };
    const damaged = Uint8Array.from([...PNG.subarray(0, 8), 9, ...PNG.subarray(8)]);
    const gone = { path: 'd/b/0.png', bytes: new Uint8Array(0), unreadable: 'is a link to a file that is not there' };
    const files = ['a', 'b'].flatMap((name) => [
      { path: `d/${name}/1.png`, bytes: PNG },
      { path: `d/${name}/2.png`, bytes: damaged },
    ]);
    const opened = await openDataSet([...files, gone], decoding);
    const source = withoutSamples(opened, await unusableSamples(opened, [0, 1, 2, 3]));
    expect(source.sampleNames).toEqual(['d/a/1.png', 'd/b/1.png']);
    const reason = 'cannot be decoded (The picture is damaged: why)';
    expect(source.leftOut).toEqual([
      { name: 'd/b/0.png', reason: gone.unreadable },
      { name: 'd/a/2.png', reason },
      { name: 'd/b/2.png', reason },
    ]);
  });

  it('name what is no picture and count what systems leave behind', async () => {
    const files = [
      { path: 'd/a/1.png', bytes: new Uint8Array(0) },
      { path: 'd/a/2.png', bytes: PNG },
      { path: 'd/b/3.png', bytes: PNG.subarray(0, 10) },
      { path: 'd/b/4.png', bytes: PNG },
      { path: 'd/.DS_Store', bytes: PNG },
      { path: 'd/Thumbs.db', bytes: PNG },
      { path: 'd/__MACOSX/b/._4.png', bytes: PNG },
    ];
    const opened = await openDataSet(files, context);
    const source = withoutSamples(opened, await unusableSamples(opened, [0, 1, 2]));
    expect(source.sampleNames).toEqual(['d/a/2.png', 'd/b/4.png']);
    expect([...source.labels!]).toEqual([0, 1]);
    expect(source.leftOut).toEqual([
      { name: 'd/a/1.png', reason: 'is empty' },
      { name: 'd/b/3.png', reason: 'breaks off before its end' },
    ]);
    expect(source.notes).toEqual(['3 files of the system (.DS_Store, __MACOSX, Thumbs.db) ignored.']);
  });
});
