/**
 * Windows bitmaps, as Pillow reads them: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits of colour, run lengths of 4 and
 * 8 bits, headers of OS/2 and of Windows 3 to 5. What stands for transparency is dropped.
 */
import type { RawSample } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { checkImageSize } from './pixels';

interface Header {
  readonly width: number;
  readonly height: number;
  /** Rows are stored from the bottom up unless the height is negative. */
  readonly fromTop: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Where the pixels begin. */
  readonly start: number;
  /** Red, green and blue of each colour; empty beyond 8 bits. */
  readonly palette: readonly (readonly [number, number, number])[];
  /** Bits of red, green and blue. */
  readonly masks: readonly [number, number, number];
}

const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const OS2_HEADER = 12;

/** Compression → depths it may have. */
const DEPTHS: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [1, 4, 8, 16, 24, 32]],
  [RLE8, [8]],
  [RLE4, [4]],
  [BITFIELDS, [16, 32]],
]);

/** @throws RangefinderError 'corrupt-file', 'too-large', 'unsupported-feature' */
export function decodeBmp(bytes: Uint8Array): RawSample {
  const header = readHeader(bytes);
  const { width, height, bits, palette } = header;
  if (bits > 8) return { shape: [height, width, 3], values: colours(bytes, header) };
  const indices = header.compression === 0 ? packed(bytes, header) : runs(bytes, header);
  const black: [number, number, number] = [0, 0, 0];
  const colour = (index: number) => palette[index] ?? black;
  if (isGrey(palette, bits)) return { shape: [height, width, 1], values: indices.map((index) => colour(index)[0]) };
  const values = new Uint8Array(3 * indices.length);
  indices.forEach((index, i) => values.set(colour(index), 3 * i));
  return { shape: [height, width, 3], values };
}

/** Palettes that say nothing but how bright an index is make a grey picture. */
function isGrey(palette: Header['palette'], bits: number): boolean {
  const level = bits === 1 ? 255 : 1;
  return bits !== 4 && palette.every((rgb, i) => rgb.every((value) => value === i * level));
}

function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 26) throw corrupt('it ends within its header');
  const start = view.getUint32(10, true);
  const size = view.getUint32(14, true);
  const isOs2 = size === OS2_HEADER;
  if (!isOs2 && (size < 40 || bytes.length < 14 + size)) throw corrupt('it ends within its header');
  const width = isOs2 ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = isOs2 ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOs2 ? 24 : 28, true);
  const compression = isOs2 ? 0 : view.getUint32(30, true);
  if (width < 0) throw corrupt(`its width is ${width}`);
  checkImageSize(width, Math.abs(rows));
  if (!DEPTHS.get(compression)?.includes(bits))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: `The BMP image has ${bits} bits a pixel in compression ${compression}.`,
      hint: 'Save it as PNG.',
    });
  const used = isOs2 ? 0 : view.getUint32(46, true);
  const entry = isOs2 ? 3 : 4;
  const first = 14 + size + (compression === BITFIELDS && size === 40 ? 12 : 0);
  const count = bits > 8 ? 0 : Math.min(used || 1 << bits, 1 << bits);
  if (first + count * entry > bytes.length) throw corrupt('it ends within its palette');
  const palette = Array.from({ length: count }, (_, i): [number, number, number] => {
    const at = first + i * entry;
    return [bytes[at + 2], bytes[at + 1], bytes[at]];
  });
  const mask = (i: number) => view.getUint32(54 + 4 * i, true);
  const hasMasks = compression === BITFIELDS && bytes.length >= 66;
  const usual: Header['masks'] = bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
  const masks: Header['masks'] = hasMasks ? [mask(0), mask(1), mask(2)] : usual;
  return { width, height: Math.abs(rows), fromTop: rows < 0, bits, compression, start, palette, masks };
}

/** Where each row begins, from the top; rows fill up to four bytes. */
function rowStarts(bytes: Uint8Array, { width, height, fromTop, bits, start }: Header): number[] {
  const stride = Math.ceil((width * bits) / 32) * 4;
  // The filling of the last row may be missing.
  if (start + stride * (height - 1) + Math.ceil((width * bits) / 8) > bytes.length) throw corrupt('it breaks off');
  return Array.from({ length: height }, (_, y) => start + stride * (fromTop ? y : height - 1 - y));
}

function packed(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits } = header;
  const out = new Uint8Array(width * height);
  const perByte = 8 / bits;
  rowStarts(bytes, header).forEach((start, y) => {
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits * ((x % perByte) + 1);
      out[y * width + x] = (bytes[start + Math.floor(x / perByte)] >> shift) & ((1 << bits) - 1);
    }
  });
  return out;
}

function colours(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, bits, masks } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Uint8Array(3 * width * height);
  const width8 = bits / 8;
  const channels = masks.map((mask) => ({ mask, shift: Math.clz32(mask & -mask) ^ 31 }));
  if (masks.some((mask) => mask === 0)) throw corrupt('a colour has no bits');
  let to = 0;
  for (const start of rowStarts(bytes, header))
    for (let x = 0; x < width; x++) {
      const at = start + x * width8;
      if (bits === 24) {
        values[to++] = bytes[at + 2];
        values[to++] = bytes[at + 1];
        values[to++] = bytes[at];
        continue;
      }
      const pixel = bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true);
      for (const { mask, shift } of channels)
        values[to++] = Math.floor((((pixel & mask) >>> shift) * 255) / (mask >>> shift));
    }
  return values;
}

/** Run lengths: a count and a colour; a zero begins what is no run: ends, jumps, and pixels as they are. */
function runs(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, fromTop, bits, start } = header;
  const out = new Uint8Array(width * height);
  let [x, y, at] = [0, 0, start];
  const next = () => {
    if (at >= bytes.length) throw corrupt('it breaks off');
    return bytes[at++];
  };
  const put = (index: number) => {
    if (x < width && y < height) out[(fromTop ? y : height - 1 - y) * width + x] = index;
    x++;
  };
  const halves = (byte: number, i: number) => (bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
  while (y < height) {
    const [count, value] = [next(), next()];
    if (count > 0) for (let i = 0; i < count; i++) put(halves(value, i));
    else if (value === 0) [x, y] = [0, y + 1];
    else if (value === 1) break;
    else if (value === 2) [x, y] = [x + next(), y + next()];
    else {
      const length = bits === 8 ? value : Math.ceil(value / 2);
      let byte = 0;
      for (let i = 0; i < value; i++) {
        if (bits === 8 || i % 2 === 0) byte = next();
        put(halves(byte, i));
      }
      if (length % 2 === 1) next(); // filled up to two bytes
    }
  }
  return out;
}

const corrupt = (reason: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message: `The BMP image is damaged: ${reason}.`,
    hint: 'Remove or replace the file.',
  });
