import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../engine/images/decode';
import { nodeImageHost } from '../../engine/images/node-host';
import { writeNpy } from '../../testing/builders/npy-writer';
import { openDataSet } from './open';

const host = nodeImageHost();
const context = { decodeImage: (bytes: Uint8Array) => decodeImage(bytes, host) };
/** A grey 1×1 PNG. */
const PNG = Uint8Array.from(
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', 'base64'),
);
const npy = (shape: number[], values: number[]) => Uint8Array.from(writeNpy({ descr: '|u1', shape, values }));

describe('files on disk', () => {
  const stored = (path: string, bytes: Uint8Array<ArrayBuffer>, reads: string[]) => {
    const blob = new Blob([bytes]);
    const noted = async () => {
      reads.push(path);
      return blob.arrayBuffer();
    };
    return {
      path,
      blob: { size: blob.size, slice: (start: number, end: number) => blob.slice(start, end), arrayBuffer: noted },
    };
  };

  it('stay there if they are images, until one is looked at; what is asked for ahead is read once', async () => {
    const reads: string[] = [];
    const files = ['b/2.png', 'a/1.png', 'b/1.png', '.DS_Store'].map((path) => stored(path, PNG, reads));
    const source = await openDataSet(files, context);
    expect(source).toMatchObject({ kind: 'images', size: 3, labels: Int32Array.of(0, 1, 1), classNames: ['a', 'b'] });
    expect(reads).toEqual([]);
    source.fetch!(2);
    source.fetch!(2);
    expect((await source.read(2)).shape).toEqual([1, 1, 1]);
    await source.read(0);
    expect(reads).toEqual(['b/2.png', 'a/1.png']);
  });

  it('are read where they have to be looked into, labels of images among them', async () => {
    const reads: string[] = [];
    const labels = npy([2], [1, 0]);
    const files = [stored('1.png', PNG, reads), stored('2.png', PNG, reads), stored('labels.npy', labels, reads)];
    expect((await openDataSet(files, context)).labels).toEqual(Int32Array.of(1, 0));
    expect(reads).toEqual(['labels.npy']);
    const array = npy([2, 2], [1, 2, 3, 4]);
    const table = await openDataSet([stored('x.npy', array, reads)], context);
    expect([...(await table.read(1)).values]).toEqual([3, 4]);
  });

  it('that are called images and are none do not hide the others', async () => {
    const files = [stored('a/1.png', new Uint8Array(), []), stored('a/2.png', PNG, [])];
    expect((await openDataSet(files, context)).size).toBe(1);
  });

  it('say so where one has gone', async () => {
    const gone = {
      size: 3,
      slice: () => new Blob([PNG]),
      arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')),
    };
    const source = await openDataSet([{ path: 'a/1.png', blob: gone as unknown as Blob }], context);
    source.fetch!(0);
    await expect(source.read(0)).rejects.toMatchObject({ code: 'missing-file', where: 'a/1.png' });
  });
});
