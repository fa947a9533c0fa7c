/** Small data sets in every format that is read, to be mutated. */
import { gzipSync, zipSync } from 'fflate';
import type { SourceFile } from '../../core/data/types';
import { writeNpy } from '../builders/npy-writer';

const ramp = (n: number) => Array.from({ length: n }, (_, i) => i % 100);
const text = (content: string) => new TextEncoder().encode(content);

const ARRAYS = {
  'x.npy': writeNpy({ descr: '<f4', shape: [6, 4], values: ramp(24) }),
  'half.npy': writeNpy({ descr: '<f2', shape: [5, 3], values: ramp(15) }),
  'fortran.npy': writeNpy({ descr: '>f8', shape: [4, 3, 2], values: ramp(24), fortran: true }),
  'pictures.npy': writeNpy({ descr: '|u1', shape: [3, 8, 8], values: ramp(192), version: 2 }),
  'long.npy': writeNpy({ descr: '<i8', shape: [7], values: ramp(7), version: 3 }),
  'scalar.npy': writeNpy({ descr: '<f4', shape: [], values: [1] }),
};
const LABELS = writeNpy({ descr: '<i4', shape: [6], values: ramp(6) });

function idx(shape: readonly number[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}

const rows = (separator: string, header?: string) =>
  text(
    [header, ...ramp(8).map((row) => [row, row / 2, -row, 'abc'[row % 3]].join(separator))]
      .filter((line) => line !== undefined)
      .join('\n'),
  );

const PNG_HEAD = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 8);

type Set = readonly [name: string, files: readonly SourceFile[]];
const one = (path: string, bytes: Uint8Array): Set => [path, [{ path, bytes }]];

/** Reader → data sets. */
export const DATA_SETS = {
  npy: [
    ...Object.entries(ARRAYS).map(([path, bytes]) => one(path, bytes)),
    [
      'x and y',
      [
        { path: 'x.npy', bytes: ARRAYS['x.npy'] },
        { path: 'y.npy', bytes: LABELS },
      ],
    ],
  ],
  npz: [
    one('pair.npz', zipSync({ 'x.npy': ARRAYS['x.npy'], 'y.npy': LABELS })),
    one('stored.npz', zipSync({ 'pictures.npy': ARRAYS['pictures.npy'] }, { level: 0 })),
    one(
      'zeros.npz',
      zipSync({ 'x.npy': writeNpy({ descr: '<f4', shape: [50, 64], values: new Array(3200).fill(0) }) }),
    ),
  ],
  idx: [
    one('images.idx', idx([4, 8, 8], ramp(256))),
    [
      'with labels',
      [
        { path: 'images.idx', bytes: idx([4, 8, 8], ramp(256)) },
        { path: 'labels.idx', bytes: idx([4], [0, 1, 2, 1]) },
      ],
    ],
    one('images.idx.gz', gzipSync(idx([4, 8, 8], ramp(256)))),
  ],
  csv: [
    one('plain.csv', rows(',')),
    one('header.csv', rows(';', 'a;b;c;label')),
    one('tabs.tsv', rows('\t', '\ta\tb\ttarget')),
    one('quoted.csv', text('"a","b ""c""",y\n1,2,3\n"4","5",6\n')),
    [
      'with labels',
      [
        { path: 'x.csv', bytes: text('1,2\n3,4\n5,6\n') },
        { path: 'labels.txt', bytes: text('cat\ndog\ncat\n') },
      ],
    ],
  ],
  zip: [
    one(
      'classes.zip',
      zipSync({ 'cat/1.png': PNG_HEAD, 'cat/2.png': PNG_HEAD, 'dog/1.png': PNG_HEAD, 'dog/notes.txt': text('hm') }),
    ),
    one('table.zip', zipSync({ 'data/table.csv': rows(',') })),
    one(
      'mixed.zip',
      zipSync({ 'x.npy': ARRAYS['x.npy'], 'labels.csv': text('0\n1\n0\n1\n0\n1\n'), 'README.md': text('# hi') }),
    ),
    one('gzipped.zip', zipSync({ 'images.idx.gz': gzipSync(idx([4, 8, 8], ramp(256))) }, { level: 0 })),
    one('empty.zip', zipSync({})),
  ],
} as const satisfies Readonly<Record<string, readonly Set[]>>;
