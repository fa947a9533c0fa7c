import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../engine/images/decode';
import { nodeImageHost } from '../../engine/images/node-host';
import { fixturePath, haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { writeNpy } from '../../testing/builders/npy-writer';
import { RangefinderError } from '../../base/errors';
import { attachLabels } from './attach-labels';
import { openDataSet } from './open';
import type { SampleSource, SourceFile } from './types';

const host = nodeImageHost();
const context = { decodeImage: (bytes: Uint8Array) => decodeImage(bytes, host) };
const open = (...files: SourceFile[]) => openDataSet(files, context);

const text = (path: string, content: string): SourceFile => ({ path, bytes: new TextEncoder().encode(content) });
const npy = (path: string, descr: string, shape: number[], values: number[]): SourceFile => ({
  path,
  bytes: writeNpy({ descr, shape, values }),
});
const zip = (path: string, files: readonly SourceFile[]): SourceFile => ({
  path,
  bytes: zipSync(Object.fromEntries(files.map((file) => [file.path, file.bytes]))),
});

async function failure(promise: Promise<unknown>): Promise<RangefinderError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RangefinderError);
  return error as RangefinderError;
}

const row = async (source: SampleSource, index: number) => [...(await source.read(index)).values];

/** A grey 1×1 PNG. */
const PNG = new Uint8Array(
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', 'base64'),
);
const image = (path: string): SourceFile => ({ path, bytes: PNG });

describe('NumPy arrays', () => {
  it('take the pair held back for testing out of an archive', async () => {
    const source = await open(
      zip('mnist.npz', [
        npy('x_train.npy', '|u1', [3, 2], [1, 2, 3, 4, 5, 6]),
        npy('y_train.npy', '<i8', [3], [0, 1, 2]),
        npy('x_test.npy', '<f8', [2, 2], [0.5, 1.5, 2.5, 3.5]),
        npy('y_test.npy', '<i8', [2], [7, 1]),
      ]),
    );
    expect(source).toMatchObject({ name: 'mnist.npz', kind: 'array', size: 2, labels: Int32Array.of(7, 1) });
    expect(await row(source, 1)).toEqual([2.5, 3.5]);
  });

  it('make pictures of bytes, one-hot rows labels, other rows targets', async () => {
    const pixels = Array.from({ length: 2 * 64 }, (_, i) => i);
    const pictures = await open(
      npy('x.npy', '|u1', [2, 8, 8], pixels),
      npy('y.npy', '<f4', [2, 3], [0, 1, 0, 1, 0, 0]),
    );
    expect(pictures).toMatchObject({ kind: 'images', labels: Int32Array.of(1, 0) });
    expect((await pictures.read(0)).shape).toEqual([8, 8, 1]);
    const regression = await open(
      npy('inputs.npy', '<i2', [2, 1], [-5, 300]),
      npy('targets.npy', '<f4', [2, 2], [1, 0.5, 0, 0]),
    );
    expect(regression.targets).toEqual({ shape: [2], values: Float32Array.of(1, 0.5, 0, 0) });
    expect(await row(regression, 1)).toEqual([300]);
  });

  it('lay the inputs of one sample end to end', async () => {
    const source = await open(
      npy('in0.npy', '<f4', [2, 2], [1, 2, 3, 4]),
      npy('in1.npy', '<f4', [2, 1], [10, 20]),
      npy('out0.npy', '<f4', [2, 1], [0.5, 0.25]),
    );
    expect(await row(source, 1)).toEqual([3, 4, 20]);
    expect(source.targets?.values).toEqual(Float32Array.of(0.5, 0.25));
  });

  it('say what does not fit', async () => {
    const x = npy('x.npy', '<f4', [3], [1, 2, 3]);
    expect(await failure(open(x, npy('y.npy', '<i4', [2], [0, 1])))).toMatchObject({
      code: 'invalid-data',
      message: 'There are 3 samples and 2 labels.',
      where: 'y.npy',
    });
    expect((await failure(open(npy('a.npy', '<f4', [1], [1]), npy('b.npy', '<f4', [1], [1])))).details).toEqual([
      'a.npy',
      'b.npy',
    ]);
    expect((await failure(open(npy('x.npy', '<f4', [0, 3], [])))).code).toBe('invalid-data');
  });
});

describe('IDX', () => {
  const idx = (type: number, shape: number[], bytes: number[]): Uint8Array => {
    const header = new Uint8Array(4 + 4 * shape.length);
    header.set([0, 0, type, shape.length]);
    shape.forEach((d, i) => new DataView(header.buffer).setUint32(4 + 4 * i, d));
    return Uint8Array.from([...header, ...bytes]);
  };

  it('gives back what was written', async () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }));
    await fc.assert(
      fc.asyncProperty(shape, fc.infiniteStream(fc.integer({ min: -32768, max: 32767 })), async ([n, d], stream) => {
        const values = [...stream.take(n * d)];
        const bytes = values.flatMap((value) => [(value >> 8) & 255, value & 255]);
        const source = await open({ path: 'data.idx', bytes: idx(0x0b, [n, d], bytes) });
        expect(source.size).toBe(n);
        for (let i = 0; i < n; i++) expect(await row(source, i)).toEqual(values.slice(i * d, (i + 1) * d));
      }),
    );
  });

  it('finds the labels by their number, gzipped or not', async () => {
    const source = await open(
      { path: 'images.gz', bytes: gzipSync(idx(8, [2, 1, 2], [1, 2, 3, 4])) },
      { path: 'a-labels', bytes: idx(8, [3], [9, 9, 9]) },
      { path: 'b-labels', bytes: idx(8, [2], [5, 6]) },
    );
    expect(source.labels).toEqual(Int32Array.of(5, 6));
    expect(await row(source, 1)).toEqual([3, 4]);
  });

  it("opens MNIST's four files as two sets: train to train on, t10k to evaluate on", async () => {
    const source = await open(
      { path: 'mnist/t10k-images-idx3-ubyte', bytes: idx(8, [1, 1, 2], [9, 8]) },
      { path: 'mnist/t10k-labels-idx1-ubyte', bytes: idx(8, [1], [7]) },
      { path: 'mnist/train-images-idx3-ubyte', bytes: idx(8, [2, 1, 2], [1, 2, 3, 4]) },
      { path: 'mnist/train-labels-idx1-ubyte', bytes: idx(8, [2], [5, 6]) },
    );
    expect(source).toMatchObject({ size: 3, evaluationStart: 2, labels: Int32Array.of(5, 6, 7) });
    expect(await row(source, 1)).toEqual([3, 4]);
    expect(await row(source, 2)).toEqual([9, 8]);
  });

  it('does not choose between two sets of samples that no name tells apart', async () => {
    const files = ['a', 'b'].map((path) => ({ path, bytes: idx(8, [1, 1, 2], [9, 8]) }));
    expect((await failure(open(...files))).message).toMatch(/2 IDX files of samples/);
  });

  it('refuses sizes that are not those of the file', async () => {
    expect((await failure(open({ path: 'x.idx', bytes: idx(8, [2, 2], [1, 2, 3]) }))).code).toBe('corrupt-file');
    expect((await failure(open({ path: 'y.idx', bytes: idx(8, [2], [1, 2]) }))).message).toMatch(/no samples/);
  });
});

describe('CSV', () => {
  it('reads a header, its label column, and words as classes', async () => {
    const source = await open(text('t.csv', 'a,class,b\n1,two,2\n3,one,4.5\n'));
    expect(source).toMatchObject({ kind: 'table', size: 2, classNames: ['one', 'two'], labels: Int32Array.of(1, 0) });
    expect(await row(source, 1)).toEqual([3, 4.5]);
  });

  it('takes the last column without a header: classes if they count, else targets', async () => {
    const classes = await open(text('t.csv', '0.1;5;0\n0.2;6;1\n0.3;7;1\n0.4;8;0\n'));
    expect(classes.labels).toEqual(Int32Array.of(0, 1, 1, 0));
    expect(await row(classes, 2)).toEqual([Math.fround(0.3), 7]);
    const targets = await open(text('t.csv', '1,5,0.5\n2,6,1.5\n'));
    expect(targets.targets?.values).toEqual(Float32Array.of(0.5, 1.5));
  });

  it("leaves out pandas' index, and no label where the model takes every column", async () => {
    const table = text('t.csv', ',a,b\n0,1,2\n1,3,4\n');
    expect(await row(await open(table), 1)).toEqual([3]);
    const whole = await openDataSet([table], { ...context, sampleElements: 2 });
    expect(await row(whole, 1)).toEqual([3, 4]);
    expect(whole.labels).toBeUndefined();
  });

  it('lists the cells that are no numbers', async () => {
    expect(await failure(open(text('t.csv', 'a,b,label\n1,,0\n2,n/a,1\n')))).toMatchObject({
      code: 'invalid-data',
      details: ['row 2, column b: ""', 'row 3, column b: "n/a"'],
    });
    expect((await failure(open(text('t.csv', '1,2\n3,4,5\n')))).message).toBe('Row 2 has 3 columns, the first row 2.');
  });
});

describe('folders of images', () => {
  it('are classes in code point order, numbers in their own', async () => {
    const source = await open(
      image('set/dog/1.png'),
      image('set/cat/b.png'),
      image('set/cat/a.png'),
      text('set/README', 'hi'),
    );
    expect(source).toMatchObject({
      name: 'set',
      kind: 'images',
      classNames: ['cat', 'dog'],
      labels: Int32Array.of(0, 0, 1),
      sampleNames: ['set/cat/a.png', 'set/cat/b.png', 'set/dog/1.png'],
    });
    expect((await open(image('10/a.png'), image('9/a.png'))).classNames).toEqual(['9', '10']);
  });

  it('merge parts of the same classes, and have none in one folder or in parts alone', async () => {
    const merged = await open(image('d/train/a/1.png'), image('d/test/a/1.png'), image('d/test/b/1.png'));
    expect(merged.classNames).toEqual(['a', 'b']);
    expect((await open(image('d/1.png'), image('d/2.png'))).labels).toBeUndefined();
    expect((await open(image('d/train/1.png'), image('d/test/2.png'))).labels).toBeUndefined();
    expect((await failure(open(image('d/1.png'), image('d/a/2.png'), image('d/b/2.png')))).code).toBe('invalid-data');
  });

  it('come out of a zip one at a time, litter left behind, damage named', async () => {
    const source = await open(
      zip('pets.zip', [
        image('a/1.png'),
        image('b/1.png'),
        { path: 'b/2.png', bytes: new Uint8Array(100) },
        text('__MACOSX/a/._1.png', 'x'),
        text('a/.DS_Store', 'x'),
      ]),
    );
    expect(source).toMatchObject({ name: 'pets.zip', size: 3 });
    expect((await source.read(0)).shape).toEqual([1, 1, 1]);
    expect(await failure(source.read(2))).toMatchObject({ code: 'unknown-format', where: 'b/2.png' });
  });
});

describe('labels of their own', () => {
  const samples = () => open(image('d/a.png'), image('d/b.png'), image('d/c.png'));

  it.each([
    ['text', text('labels.txt', '2\n0\n1\n'), [2, 0, 1]],
    ['text with a header', text('labels.txt', 'label\n2\n0\n1\n'), [2, 0, 1]],
    ['words', text('labels.txt', 'dog\ncat\ndog\n'), [1, 0, 1]],
    ['npy', npy('y.npy', '|u1', [3], [1, 1, 0]), [1, 1, 0]],
    ['names', text('labels.csv', 'c.png,0\na.png,1\nother.png,5\nb.png,2\n'), [1, 2, 0]],
  ])('%s', async (_, file, expected) => {
    expect(attachLabels(await samples(), file).labels).toEqual(Int32Array.from(expected));
  });

  it('are found beside the samples', async () => {
    const source = await open(image('d/a.png'), image('d/b.png'), text('d/labels.txt', '1\n0\n'));
    expect(source.labels).toEqual(Int32Array.of(1, 0));
  });

  it('must be as many, and for every sample', async () => {
    const source = await samples();
    const attach = (content: string) => () => attachLabels(source, text('l.csv', content));
    expect(attach('1\n2\n')).toThrow('There are 3 samples and 2 labels.');
    expect(attach('a.png,1\nb.png,2\n')).toThrow(/1 of 3 samples have no label: d\/c.png/);
  });
});

describe('what is no data', () => {
  it('is named', async () => {
    expect(
      (await failure(open({ path: 'm.tflite', bytes: new TextEncoder().encode('\0\0\0\0TFL3\0\0\0') }))).message,
    ).toBe('m.tflite is a TensorFlow Lite model.');
    expect((await failure(open({ path: 'e', bytes: new Uint8Array(0) }))).message).toBe('e is empty.');
    expect((await failure(open(text('model.json', '{"a": 1}')))).code).toBe('unknown-format');
    expect((await failure(open())).code).toBe('unknown-format');
  });
});

describe('any bytes', () => {
  it('end in samples or a typed error', async () => {
    const beginnings = [
      '',
      '\0\0\x08\x01',
      '\0\0\x0d\x03\0\0\0',
      'PK\x03\x04',
      '\x1f\x8b\x08',
      '\x93NUMPY\x01\0',
      '1,2\n3,',
    ];
    const bytes = fc
      .tuple(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 60 }))
      .map(([start, rest]) => Uint8Array.from([...Array.from(start, (c) => c.charCodeAt(0)), ...rest]));
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const source = await open({ path: 'any', bytes: content }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(RangefinderError);
        });
        if (source) await source.read(source.size - 1);
      }),
      { numRuns: 1000 },
    );
  });
});

describe.skipIf(!haveFixtures)('real data sets', () => {
  it('MNIST: 10,000 digits with their labels', async () => {
    const files = ['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'];
    const source = await open(...files.map((path) => ({ path, bytes: readFixture(`datasets/mnist/${path}`) })));
    expect(source).toMatchObject({ kind: 'images', size: 10_000 });
    expect((await source.read(0)).shape).toEqual([28, 28, 1]);
    const counts = new Array(10).fill(0);
    for (const label of source.labels!) counts[label]++;
    expect(counts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]); // as published
    expect([...source.labels!.slice(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });

  it('CIFAR-10: ten folders of JPEGs, also zipped', async () => {
    const root = 'datasets/cifar10_jpg/test';
    const paths = readdirSync(fixturePath(root)).flatMap((name) =>
      readdirSync(fixturePath(`${root}/${name}`))
        .slice(0, 3)
        .map((file) => `${name}/${file}`),
    );
    const files = paths.map((path) => ({ path, bytes: readFixture(`${root}/${path}`) }));
    for (const source of [await open(...files), await open(zip('cifar.zip', files))]) {
      expect(source.size).toBe(30);
      expect(source.classNames).toEqual([
        ...['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
      ]);
      const { shape, values } = await source.read(0);
      expect(shape).toEqual([32, 32, 3]);
      expect(Array.from(values).reduce((sum, value) => sum + value, 0)).toBe(475641); // airplane/0000.jpg in Pillow
    }
  });

  it('no broken model is taken for data', async () => {
    for (const name of readdirSync(fixturePath('broken/derived')).filter((name) => name.includes('.'))) {
      const error = await failure(open({ path: name, bytes: readFixture(`broken/derived/${name}`) }));
      expect(error.hint).toBeDefined();
    }
  });

  it('goldens open as samples with targets', async () => {
    const path = 'goldens/tflite__dtln__model_1.tflite.npz';
    const source = await open({ path, bytes: readFixture(path) });
    expect(source.size).toBe(1);
    expect((await source.read(0)).shape).toEqual([257 + 512]);
  });
});
