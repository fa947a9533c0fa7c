import { describe, expect, it } from 'vitest';
import { sortFiles, type PickedFile } from './files';

const JPEG = [0xff, 0xd8, 0xff, 0xe0];
const TFLITE = [0, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33];

/** A file that counts how often it is looked into. */
function counted(path: string, head: readonly number[], looks: string[]): PickedFile {
  const blob = new Blob([Uint8Array.from(head)]);
  const slice = blob.slice.bind(blob);
  blob.slice = (...range) => {
    looks.push(path);
    return slice(...range);
  };
  return { path, blob };
}

const paths = (files: readonly PickedFile[]) => files.map(({ path }) => path);

describe('sortFiles', () => {
  it('knows a large folder of images by the first of them, and keeps their order', async () => {
    const looks: string[] = [];
    const images = Array.from({ length: 1000 }, (_, i) => counted(`set/cat/${i}.jpg`, JPEG, looks));
    const { model, data } = await sortFiles([counted('net.tflite', TFLITE, looks), ...images]);
    expect(paths(model)).toEqual(['net.tflite']);
    expect(paths(data)).toEqual(paths(images));
    expect(looks.length).toBeLessThan(50);
  });

  it('looks into each of many files that are no data: a model may hide among them', async () => {
    const looks: string[] = [];
    const parts = Array.from({ length: 40 }, (_, i) => counted(`m/part${i}.dat`, [1, 2, 3, i], looks));
    const { model } = await sortFiles([...parts, counted('m/last.dat', TFLITE, looks)]);
    expect(paths(model)).toContain('m/last.dat');
    expect(looks.length).toBe(41);
  });
});
