/** Small pictures of every kind against the pixels Pillow sees in them, written by scripts/oracles/pixels.py. */
import { describe, expect, it } from 'vitest';
import goldens from '../../testing/goldens/pixels.json';
import { decodeImage } from './decode';
import { nodeImageHost } from './node-host';

const host = nodeImageHost();
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

/**
 * All are exact: mozjpeg and libwebp are what Pillow decodes with. Inks go through another decoder, whose
 * cosine transform rounds otherwise by a level a component; going from YCCK to inks adds a second one.
 */
function tolerance(name: string): number {
  if (name.includes('YCCK')) return 2;
  return name.includes('CMYK') ? 1 : 0;
}

describe('pixels', () => {
  it.each(Object.entries(goldens))('%s', async (name, { file, shape, pixels }) => {
    const sample = await decodeImage(bytesOf(file), host);
    expect(sample.shape).toEqual(shape);
    const expected = bytesOf(pixels);
    const differences = Array.from(expected, (value, i) => Math.abs(value - sample.values[i]));
    expect(sample.values).toHaveLength(expected.length);
    expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance(name));
  });

  it.each([
    ['JPEG, CMYK', 9],
    ['WebP, lossy with alpha', 11],
    ['WebP, animation', 29],
    ['GIF, interlaced', 3],
    ['BMP, run lengths', 5],
    ['PNG, palette', 1],
  ] as const)('of %s end in a typed error where the file is damaged', async (name, step) => {
    const whole = bytesOf(goldens[name].file);
    await expect(decodeImage(whole.subarray(0, whole.length / 2), host)).rejects.toMatchObject({
      code: 'corrupt-file',
    });
    for (let at = 2; at < whole.length; at += step) {
      const damaged = whole.slice();
      damaged[at] ^= 0xff;
      await decodeImage(damaged, host).catch((error: unknown) =>
        expect(error).toMatchObject({ name: 'RangefinderError' }),
      );
    }
  });

  it.each(['WebP, lossy', 'WebP, lossless', 'WebP, animation', 'GIF', 'BMP, 24 bits'] as const)(
    'of %s are refused by the size it declares',
    async (name) => {
      const file = bytesOf(goldens[name].file);
      // Where the size stands: VP8's and VP8L's headers, VP8X's canvas, GIF's screen, the bitmap's header.
      const [at, length] = {
        'WebP, lossy': [26, 4],
        'WebP, lossless': [21, 4],
        'WebP, animation': [24, 6],
        GIF: [6, 4],
        'BMP, 24 bits': [18, 8],
      }[name];
      file.fill(name.startsWith('BMP') ? 0x7f : 0xff, at, at + length);
      await expect(decodeImage(file, host)).rejects.toMatchObject({ code: 'too-large' });
    },
  );
});
