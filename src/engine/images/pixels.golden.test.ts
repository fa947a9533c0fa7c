/** Small pictures of every kind against the pixels Pillow sees in them, written by scripts/oracles/pixels.py. */
import { describe, expect, it } from 'vitest';
import goldens from '../../testing/goldens/pixels.json';
import { decodeImage } from './decode';
import { nodeImageHost } from './node-host';

const host = nodeImageHost();
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

/**
 * PNG is exact, and JPEG of mozjpeg, too, which is the library Pillow decodes with. Inks go through another decoder, whose
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
    const differences = Array.from(expected, (value, i) => Math.abs(value - sample.values[i]!));
    expect(sample.values).toHaveLength(expected.length);
    expect(Math.max(...differences)).toBeLessThanOrEqual(tolerance(name));
  });

  it('of inks end in a typed error where the file is damaged', async () => {
    const whole = bytesOf(goldens['JPEG, CMYK'].file);
    const scan = whole.findLastIndex((byte, i) => byte === 0xff && whole[i + 1] === 0xda);
    await expect(decodeImage(whole.subarray(0, scan - 20), host)).rejects.toMatchObject({ code: 'corrupt-file' });
    for (let at = 2; at < whole.length; at += 5) {
      const damaged = whole.slice();
      damaged[at]! ^= 0xff;
      await decodeImage(damaged, host).catch((error: unknown) =>
        expect(error).toMatchObject({ name: 'RangefinderError' }),
      );
    }
  });
});
