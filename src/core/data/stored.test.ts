import { describe, expect, it } from 'vitest';
import { bytesOf, readStored } from './stored';

const blob = (...bytes: number[]) => new Blob([Uint8Array.from(bytes)]);

describe('stored files', () => {
  it('are read in order, whole or their first bytes', async () => {
    const files = Array.from({ length: 600 }, (_, i) => ({ path: `${i}`, blob: blob(i & 255, i >> 8) }));
    const read = await readStored(files);
    expect(read.map(({ path, bytes }) => [path, bytes[0] + 256 * bytes[1]])).toEqual(
      files.map(({ path }, i) => [path, i]),
    );
    expect([...(await bytesOf({ path: 'x', blob: blob(1, 2, 3) }, 2))]).toEqual([1, 2]);
    expect([...(await bytesOf({ path: 'x', blob: blob(1, 2, 3) }, 9))]).toEqual([1, 2, 3]);
  });

  it('are refused before a byte is read where a tab cannot hold them', async () => {
    const huge = { size: 3 * 2 ** 30, arrayBuffer: () => Promise.reject(new Error('was read')) } as unknown as Blob;
    await expect(readStored([{ path: 'x', blob: huge }])).rejects.toMatchObject({ code: 'too-large' });
  });

  it('are named where they vanished since they were dropped', async () => {
    const gone = {
      size: 1,
      arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')),
    } as unknown as Blob;
    await expect(readStored([{ path: 'a/b.npy', blob: gone }])).rejects.toMatchObject({
      code: 'missing-file',
      where: 'a/b.npy',
    });
  });
});
