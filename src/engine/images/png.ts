/**
 * PNG (W3C PNG Specification, third edition), brought to 8 bits grey or RGB: 16-bit samples keep their high byte, as libpng
 * strips them, transparency is dropped, colour profiles and texts are passed over without unpacking them. What is inflated
 * is bounded by the size that the header declares, whatever the data would grow to.
 */
import { Unzlib } from 'fflate';
import type { RawSample } from '../../core/data/types';
import { RangefinderError, toErrorInfo } from '../../base/errors';
import { crc32 } from '../../base/crc32';
import { checkImageSize, firstChannel, rgbOfRgba } from './pixels';

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
}

interface Chunks {
  readonly header: Header;
  readonly palette: Uint8Array | null;
  readonly data: readonly Uint8Array[];
}

const PALETTE = 3;

/** Colour type → samples of a pixel and the bit depths it may have (table 11.1). */
const COLOR_TYPES: ReadonlyMap<number, { readonly channels: number; readonly depths: readonly number[] }> = new Map([
  [0, { channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { channels: 3, depths: [8, 16] }],
  [PALETTE, { channels: 1, depths: [1, 2, 4, 8] }],
  [4, { channels: 2, depths: [8, 16] }],
  [6, { channels: 4, depths: [8, 16] }],
]);

/** First column and row, and steps, of the seven passes of an interlaced image (8.2, Adam7). */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

/** Compressed bytes inflated at a time. */
const PUSHED = 16_384;

/** @throws RangefinderError 'corrupt-file', 'too-large' */
export function decodePng(bytes: Uint8Array): RawSample {
  const { header, palette, data } = readChunks(bytes);
  const { width, height, colorType } = header;
  const { channels } = COLOR_TYPES.get(colorType)!;
  const samples = unpackImage(header, channels, data);
  if (colorType === PALETTE) return { shape: [height, width, 3], values: lookUp(samples, palette) };
  if (channels <= 2) return { shape: [height, width, 1], values: channels === 1 ? samples : firstChannel(samples, 2) };
  return { shape: [height, width, 3], values: channels === 3 ? samples : rgbOfRgba(samples) };
}

/**
 * Numbers of classes in a picture that is a mask: palette indices and grey levels as the file has them, of colours that are
 * grey their level; null where colours are none of these. uint8, [height, width].
 * @throws RangefinderError 'corrupt-file', 'too-large'
 */
export function decodePngClasses(bytes: Uint8Array): RawSample | null {
  const { header, data } = readChunks(bytes);
  const { width, height, depth, colorType } = header;
  const { channels } = COLOR_TYPES.get(colorType)!;
  const samples = unpackImage(header, channels, data);
  const shape = [height, width];
  // Levels of few bits were spread over 0 … 255.
  const step = colorType === 0 && depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  if (channels <= 2) return { shape, values: firstChannel(samples, channels).map((level) => level / step) };
  const isGrey = samples.every((level, i) => i % channels > 2 || level === samples[i - (i % channels)]);
  return isGrey ? { shape, values: firstChannel(samples, channels) } : null;
}

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | null = null;
  let palette: Uint8Array | null = null;
  const data: Uint8Array[] = [];
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw corrupt(header ? 'it breaks off' : 'it ends within its header');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw corrupt('it breaks off');
    const content = bytes.subarray(at + 8, end);
    // Bit 5 of the first letter: what is not critical may be left out, damaged or not.
    if (bytes[at + 4] & 32) at = end + 4;
    else {
      if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
        throw corrupt(`the checksum of ${type} does not match`);
      if (!header && type !== 'IHDR') throw corrupt('it does not begin with its header');
      if (type === 'IHDR') header = readHeader(content);
      else if (type === 'PLTE') palette = content;
      else if (type === 'IDAT') data.push(content);
      else if (type === 'IEND') return { header: header!, palette, data };
      else throw corrupt(`it needs ${JSON.stringify(type)}, which nobody knows`);
      at = end + 4;
    }
  }
}

function readHeader(content: Uint8Array): Header {
  if (content.length !== 13) throw corrupt('its header has another length');
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  checkImageSize(width, height);
  const [depth, colorType, compression, filter, interlace] = content.subarray(8);
  if (!COLOR_TYPES.get(colorType)?.depths.includes(depth))
    throw corrupt(`there is no colour type ${colorType} of ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) throw corrupt('its header says things nobody knows');
  return { width, height, depth, colorType, interlaced: interlace === 1 };
}

/** One byte a sample, row by row: palette indices as they are, grey levels of few bits spread over 0..255. */
function unpackImage(
  { width, height, depth, colorType, interlaced }: Header,
  channels: number,
  data: readonly Uint8Array[],
) {
  const passes = (interlaced ? PASSES : WHOLE).map(([x, y, dx, dy]) => {
    const columns = Math.ceil((width - x) / dx);
    const rows = Math.ceil((height - y) / dy);
    const rowBytes = Math.ceil((columns * channels * depth) / 8);
    return { x, y, dx, dy, columns, rows: columns > 0 ? Math.max(0, rows) : 0, rowBytes };
  });
  const inflated = inflate(
    data,
    passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0),
  );
  const out = new Uint8Array(width * height * channels);
  const pixelBytes = Math.max(1, (channels * depth) / 8);
  const spread = colorType === PALETTE || depth >= 8 ? 1 : 255 / ((1 << depth) - 1);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows, rowBytes } of passes) {
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++) {
      const line = inflated.subarray(at + 1, at + 1 + rowBytes);
      unfilter(inflated[at], line, above, pixelBytes);
      at += 1 + rowBytes;
      above = line;
      let to = ((y + row * dy) * width + x) * channels;
      for (let column = 0; column < columns; column++, to += dx * channels)
        for (let c = 0; c < channels; c++) out[to + c] = sampleAt(line, column * channels + c, depth) * spread;
    }
  }
  return out;
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index];
  if (depth === 16) return line[2 * index];
  const bit = index * depth;
  return (line[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** Undoes a row's filter in place (9.2). */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  if (filter === 0) return;
  if (filter > 4) throw corrupt(`a row has filter ${filter}`);
  for (let i = 0; i < line.length; i++) {
    const a = i < pixelBytes ? 0 : line[i - pixelBytes];
    const b = above[i];
    const c = i < pixelBytes ? 0 : above[i - pixelBytes];
    line[i] += filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
  }
}

function paeth(a: number, b: number, c: number): number {
  const [da, db, dc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (da <= db && da <= dc) return a;
  return db <= dc ? b : c;
}

/** The first `size` bytes; nothing is kept of what comes behind them. */
function inflate(data: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let filled = 0;
  try {
    const stream = new Unzlib((chunk) => {
      out.set(chunk.subarray(0, size - filled), filled);
      filled += Math.min(chunk.length, size - filled);
    });
    for (const part of data)
      for (let at = 0; at < part.length && filled < size; at += PUSHED) stream.push(part.subarray(at, at + PUSHED));
    if (filled < size) stream.push(new Uint8Array(0), true);
  } catch (error) {
    throw corrupt(toErrorInfo(error).message.replace(/^Unexpected failure: /, ''));
  }
  if (filled < size) throw corrupt(`it holds ${filled} of ${size} bytes`);
  return out;
}

function lookUp(indices: Uint8Array, palette: Uint8Array | null): Uint8Array {
  const colors = Math.floor((palette?.length ?? 0) / 3);
  const rgb = new Uint8Array(indices.length * 3);
  for (let i = 0; i < indices.length; i++) {
    const from = 3 * indices[i];
    if (indices[i] >= colors) throw corrupt(`colour ${indices[i]} is not in its palette of ${colors}`);
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = palette![from + c];
  }
  return rgb;
}

const corrupt = (reason: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message: `The PNG image is damaged: ${reason}.`,
    hint: 'Remove or replace the file.',
  });
