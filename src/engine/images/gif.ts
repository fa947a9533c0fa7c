/**
 * GIF (89a specification): its first picture, as Pillow's convert("RGB") sees it. Transparency is dropped: a transparent
 * pixel has the colour its index names.
 */
import type { RawSample } from '../../core/data/types';
import { RangefinderError } from '../../base/errors';
import { checkImageSize } from './pixels';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;
const MOST_CODES = 4096;

/** First row and step of the four passes of an interlaced picture (appendix E). */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/** @throws RangefinderError 'corrupt-file', 'too-large' */
export function decodeGif(bytes: Uint8Array): RawSample {
  const reader = new Reader(bytes);
  reader.at = 6;
  const [width, height] = [reader.word(), reader.word()];
  checkImageSize(width, height);
  const flags = reader.byte();
  reader.at += 2; // background and aspect ratio, which nobody uses
  const common = flags & 128 ? reader.bytes(3 << ((flags & 7) + 1)) : null;
  let transparent: number | null = null;
  for (;;) {
    const kind = reader.byte();
    if (kind === IMAGE) break;
    if (kind !== EXTENSION) throw corrupt('it holds no picture');
    const label = reader.byte();
    const [block = new Uint8Array(0)] = reader.blocks();
    if (label === GRAPHIC_CONTROL && block.length >= 4 && block[0] & 1) transparent = block[3];
  }
  const [left, top, columns, rows] = [reader.word(), reader.word(), reader.word(), reader.word()];
  const local = reader.byte();
  const palette = local & 128 ? reader.bytes(3 << ((local & 7) + 1)) : common;
  const smallest = reader.byte();
  if (left + columns > width || top + rows > height) throw corrupt('its picture does not lie in its frame');
  if (smallest < 1 || smallest > 11) throw corrupt(`its codes begin with ${smallest} bits`);
  const pixels = unpack(reader.blocks(), smallest, columns * rows);
  // What the picture does not cover has the transparent colour, or the first.
  const indices = new Uint8Array(width * height).fill(transparent ?? 0);
  rowOrder(rows, (local & 64) !== 0).forEach((y, i) =>
    indices.set(pixels.subarray(i * columns, (i + 1) * columns), (top + y) * width + left),
  );
  if (!palette || isRamp(palette)) return { shape: [height, width, 1], values: indices };
  const values = new Uint8Array(3 * indices.length);
  indices.forEach((index, i) => values.set(palette.subarray(3 * index, 3 * index + 3), 3 * i));
  return { shape: [height, width, 3], values };
}

/** A palette that says nothing but how bright an index is. */
function isRamp(palette: Uint8Array): boolean {
  return palette.every((value, i) => value === Math.floor(i / 3));
}

function rowOrder(rows: number, interlaced: boolean): number[] {
  if (!interlaced) return Array.from({ length: rows }, (_, y) => y);
  return PASSES.flatMap(([first, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((rows - first) / step)) }, (_, i) => first + i * step),
  );
}

/** Lempel, Ziv and Welch's codes (appendix F), `count` of them at most. */
function unpack(blocks: readonly Uint8Array[], smallest: number, count: number): Uint8Array {
  const out = new Uint8Array(count);
  const clear = 1 << smallest;
  const [prefix, suffix] = [new Int16Array(MOST_CODES), new Uint8Array(MOST_CODES)];
  const stack = new Uint8Array(MOST_CODES);
  let [size, free, last, first] = [smallest + 1, clear + 2, -1, 0];
  let [to, bits, held] = [0, 0, 0];
  for (const block of blocks)
    for (const byte of block) {
      held |= byte << bits;
      bits += 8;
      while (bits >= size) {
        const code = held & ((1 << size) - 1);
        held >>>= size;
        bits -= size;
        if (code === clear) {
          [size, free, last] = [smallest + 1, clear + 2, -1];
          continue;
        }
        if (code === clear + 1 || to >= count) return complete(out, to);
        if (code > free || (code === free && last < 0) || (last < 0 && code >= clear))
          throw corrupt('a code has no meaning');
        let [at, depth] = [code, 0];
        if (code === free) {
          stack[depth++] = first;
          at = last;
        }
        for (; at >= clear; at = prefix[at]) stack[depth++] = suffix[at];
        first = at;
        stack[depth++] = first;
        while (depth > 0 && to < count) out[to++] = stack[--depth];
        if (last >= 0 && free < MOST_CODES) {
          [prefix[free], suffix[free]] = [last, first];
          free++;
          if (free === 1 << size && size < 12) size++;
        }
        last = code;
      }
    }
  return complete(out, to);
}

function complete(out: Uint8Array, count: number): Uint8Array {
  if (count < out.length) throw corrupt('it breaks off');
  return out;
}

class Reader {
  at = 0;

  constructor(private readonly content: Uint8Array) {}

  byte(): number {
    if (this.at >= this.content.length) throw corrupt('it breaks off');
    return this.content[this.at++];
  }

  word(): number {
    return this.byte() + 256 * this.byte();
  }

  bytes(length: number): Uint8Array {
    if (this.at + length > this.content.length) throw corrupt('it breaks off');
    return this.content.subarray(this.at, (this.at += length));
  }

  /** Sub-blocks up to the empty one that ends them. */
  blocks(): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (let length = this.byte(); length > 0; length = this.byte()) found.push(this.bytes(length));
    return found;
  }
}

const corrupt = (reason: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message: `The GIF image is damaged: ${reason}.`,
    hint: 'Remove or replace the file.',
  });
