/** PNG through fast-png, brought to 8 bits grey or RGB: 16-bit samples keep their high byte, as libpng strips them. */
import { decode, type DecodedPng } from 'fast-png';
import type { RawSample } from '../../core/data/types';
import { RangefinderError, toErrorInfo } from '../../base/errors';
import { checkImageSize, firstChannel, rgbOfRgba } from './pixels';

const PALETTE = 3;

export function decodePng(bytes: Uint8Array): RawSample {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33 || view.getUint32(12) !== 0x49484452) throw corrupt('it ends within its header');
  const [width, height, depth, colorType] = [view.getUint32(16), view.getUint32(20), bytes[24], bytes[25]];
  checkImageSize(width, height);
  if (bytes[28] !== 0 && depth < 8)
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: 'Interlaced PNG images of less than 8 bits are not read.',
      hint: 'Save the image without interlacing.',
    });
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw corrupt(toErrorInfo(error).message);
  }
  const samples = eightBits(png);
  const expected = width * height * png.channels;
  if (samples.length < expected) throw corrupt(`it holds ${samples.length} of ${expected} samples`);
  if (colorType === PALETTE) return { shape: [height, width, 3], values: lookUp(samples, png.palette ?? []) };
  if (png.channels <= 2)
    return { shape: [height, width, 1], values: png.channels === 1 ? samples : firstChannel(samples, 2) };
  return { shape: [height, width, 3], values: png.channels === 3 ? samples : rgbOfRgba(samples) };
}

/** One byte per sample: palette indices as they are, grey levels of 1, 2 and 4 bits spread over 0..255. */
function eightBits({ data, depth, width, height, palette }: DecodedPng): Uint8Array {
  if (depth === 16) return Uint8Array.from(data, (value) => value >> 8);
  if (depth === 8) return data instanceof Uint8Array ? data : new Uint8Array(data);
  const spread = palette ? 1 : 255 / ((1 << depth) - 1);
  const mask = (1 << depth) - 1;
  const rowBytes = Math.ceil((width * depth) / 8);
  const out = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      out[to++] = ((data[y * rowBytes + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask) * spread;
    }
  return out;
}

function lookUp(indices: Uint8Array, palette: readonly (readonly number[])[]): Uint8Array {
  const rgb = new Uint8Array(indices.length * 3);
  for (let i = 0; i < indices.length; i++) {
    const color = palette[indices[i]];
    if (!color) throw corrupt(`colour ${indices[i]} is not in its palette of ${palette.length}`);
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = color[c];
  }
  return rgb;
}

const corrupt = (reason: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message: `The PNG image is damaged: ${reason}.`,
    hint: 'Remove or replace the file.',
  });
