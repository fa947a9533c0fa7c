import { BUDGET } from '../../base/budget';
import { RangefinderError } from '../../base/errors';

/** Checked on what the header declares, before anything is allocated. */
export function checkImageSize(width: number, height: number): void {
  if (width === 0 || height === 0)
    throw new RangefinderError({
      code: 'corrupt-file',
      message: `The image says it is ${width}×${height}.`,
      hint: 'Remove or replace the file.',
    });
  if (width * height > BUDGET.pixels)
    throw new RangefinderError({
      code: 'too-large',
      message: `The image is ${width}×${height}; up to ${BUDGET.pixels / 1e6} megapixels are decoded.`,
      hint: 'Scale the image down first.',
    });
}

export function rgbOfRgba(rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from];
    rgb[to + 1] = rgba[from + 1];
    rgb[to + 2] = rgba[from + 2];
  }
  return rgb;
}

/** The first of `channels` interleaved channels. */
export function firstChannel(pixels: ArrayLike<number>, channels: number): Uint8Array {
  const out = new Uint8Array(pixels.length / channels);
  for (let i = 0; i < out.length; i++) out[i] = pixels[i * channels];
  return out;
}
