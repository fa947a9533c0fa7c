/** Expected pixels are Pillow 13's (libjpeg-turbo, libpng): the values themselves, or the CRC-32 of all RGB bytes. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../base/crc32';
import { RangefinderError } from '../../base/errors';
import { fixturePath, haveFixtures, readFixture } from '../../testing/fixtures/fixtures';
import { decodeImage, thumbnail } from './decode';
import { nodeImageHost } from './node-host';

const host = nodeImageHost();

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

async function failure(bytes: Uint8Array): Promise<RangefinderError> {
  const error = await decodeImage(bytes, host).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RangefinderError);
  return error as RangefinderError;
}

const GREY_JPEG =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAQABgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/ANMXa6LE8ec7xiuI1iJLa9W6DBjndiuo0/x9NqNukSW7HyxjIFZt7dNfxk5xiuRvWdpsFiQK7PwRrENmjBoFb6iv/9k=';

const RGB_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAHUlEQVR4nGPkuvoo8/KUZMXzDJI75VV05/nq8QAAVmEHTZVVfqwAAAAASUVORK5CYII=';

const PNGS: Record<string, { png: string; shape: number[]; pixels: number[] }> = {
  '8-bit grey': {
    png: 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAAAAAB+XZokAAAAG0lEQVR4nGP4/0Sp8jPTPqXEt1tZpu7+JbwSAFc4CWHuVzxlAAAAAElFTkSuQmCC',
    shape: [3, 5, 1],
    pixels: [255, 228, 34, 121, 243, 189, 6, 131, 102, 168, 82, 193, 187, 150, 81],
  },
  '1-bit grey, rows ending within a byte': {
    png: 'iVBORw0KGgoAAAANSUhEUgAAAAsAAAACAQAAAACm2BtDAAAADklEQVR4nGM04mMxjQQAAg0A1FEXpR0AAAAASUVORK5CYII=',
    shape: [2, 11, 1],
    pixels: [0, 0, 255, 255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 255, 255, 255, 255, 0],
  },
  RGB: {
    png: RGB_PNG,
    shape: [2, 3, 3],
    pixels: [10, 213, 226, 115, 168, 118, 214, 201, 69, 25, 185, 31, 36, 45, 158, 77, 46, 12],
  },
  'RGBA, its alpha dropped': {
    png: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAI0lEQVR4nGPkKZAo+S/0r62Mx0qDKdCV492s5zK5V6aLHAUAfDwKX4FYNBAAAAAASUVORK5CYII=',
    shape: [2, 3, 3],
    pixels: [12, 112, 24, 11, 130, 22, 129, 142, 80, 93, 181, 32, 165, 105, 50, 85, 37, 100],
  },
  'grey with alpha': {
    png: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAQAAAA3fa6RAAAAFklEQVR4nGNoWSJq8uYvE/+d2sNWbgArQAYIEXLUtAAAAABJRU5ErkJggg==',
    shape: [2, 3, 1],
    pixels: [132, 21, 236, 147, 146, 38],
  },
  '2-bit palette': {
    png: 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAACAgMAAADtBP7OAAAACVBMVEUBAgMoMjz/AADTrv8qAAAADklEQVR4nGOUyGAyYAAAAooAtB85XvYAAAAASUVORK5CYII=',
    shape: [2, 5, 3],
    pixels: [1, 2, 3, 40, 50, 60, 255, 0, 0, 1, 2, 3, 255, 0, 0, 40, 50, 60, 1, 2, 3, 255, 0, 0, 1, 2, 3, 255, 0, 0],
  },
  '16-bit grey, its high byte': {
    png: 'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAAAAADoj+WFAAAAFklEQVR4nGP8pq+Yuug7U+id4p/GtgAtRwZV8v6/egAAAABJRU5ErkJggg==',
    shape: [2, 3, 1],
    pixels: [246, 23, 185, 75, 138, 236],
  },
};

describe('decodeImage', () => {
  it.each(Object.entries(PNGS))('reads PNG: %s', async (_, { png, shape, pixels }) => {
    const sample = await decodeImage(bytesOf(png), host);
    expect(sample.shape).toEqual(shape);
    expect([...sample.values]).toEqual(pixels);
  });

  it('keeps a grey JPEG grey', async () => {
    const sample = await decodeImage(bytesOf(GREY_JPEG), host);
    expect(sample.shape).toEqual([16, 24, 1]);
    expect(crc32(sample.values as Uint8Array)).toBe(246879325);
  });

  it('refuses what is damaged, foreign or too large, and goes on afterwards', async () => {
    const jpeg = bytesOf(GREY_JPEG);
    expect((await failure(jpeg.subarray(0, 100))).code).toBe('corrupt-file');
    expect((await failure(jpeg.subarray(0, 340))).message).toMatch(/Premature end/);
    const png = bytesOf(RGB_PNG);
    expect((await failure(png.subarray(0, 60))).code).toBe('corrupt-file');
    const flipped = png.slice();
    flipped[50] ^= 4;
    expect((await failure(flipped)).code).toBe('corrupt-file');
    const huge = jpeg.slice();
    const frame = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0);
    huge.set([0xff, 0xff, 0xff, 0xff], frame + 5);
    expect((await failure(huge)).code).toBe('too-large');
    expect(await failure(new TextEncoder().encode('GIF89a'))).toMatchObject({
      code: 'corrupt-file',
      message: expect.stringContaining('GIF'),
    });
    expect((await failure(new Uint8Array(0))).code).toBe('unknown-format');
    expect((await decodeImage(jpeg, host)).shape).toEqual([16, 24, 1]);
  });

  it('ends every damaged JPEG in pixels or a typed error', async () => {
    const jpeg = bytesOf(GREY_JPEG);
    for (let at = 2; at < jpeg.length; at += 7) {
      const damaged = jpeg.slice();
      damaged[at] ^= 0xff;
      await decodeImage(damaged, host).catch((error: unknown) => expect(error).toBeInstanceOf(RangefinderError));
    }
  });
});

describe('thumbnail', () => {
  it('averages boxes and stretches floats', () => {
    const values = Float32Array.from({ length: 200 * 100 }, (_, i) => (i % 100 < 50 ? -1 : 1));
    const { width, height, rgba } = thumbnail({ shape: [200, 100, 1], values });
    expect([width, height]).toEqual([48, 96]);
    expect([...rgba.slice(0, 4)]).toEqual([0, 0, 0, 255]);
    expect([...rgba.slice(47 * 4, 48 * 4)]).toEqual([255, 255, 255, 255]);
    expect(thumbnail({ shape: [640], values: new Float32Array(640) }).width).toBe(0);
  });
});

describe.skipIf(!haveFixtures)('real images', () => {
  it.each([
    ['datasets/cifar10_jpg/test/airplane/0000.jpg', [32, 32, 3], 4094213229],
    ['datasets/cifar10_jpg/test/truck/0042.jpg', [32, 32, 3], 3600359835],
    ['datasets/cifar10_jpg/test/frog/0007.jpg', [32, 32, 3], 2888789068],
    ['tflite/tflite_support/images/burger.jpg', [325, 480, 3], 3389839102], // 4:4:4
    ['tflite/tflite_support/images/cats_and_dogs.jpg', [600, 1200, 3], 3692206556], // 4:2:0, progressive
    ['tflite/tflite_support/images/sparrow.png', [851, 1280, 3], 615960061], // RGBA
  ])('%s has the pixels Pillow sees', async (path, shape, crc) => {
    const sample = await decodeImage(readFixture(path), host);
    expect(sample.shape).toEqual(shape);
    expect(crc32(sample.values as Uint8Array)).toBe(crc);
  });

  it('boots its decoder once for many images', async () => {
    const folder = 'datasets/cifar10_jpg/test/airplane';
    const files = readdirSync(fixturePath(folder)).slice(0, 20);
    let boots = 0;
    const counting = { ...host, jpegWasm: () => (boots++, host.jpegWasm()) };
    for (const name of files) await decodeImage(readFixture(`${folder}/${name}`), counting);
    expect([files.length, boots]).toEqual([20, 1]);
  });
});
