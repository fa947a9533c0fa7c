/** Pictures of screens as small PNG files: they have few colours that matter, and many shades at the edges of letters. */
import { crc32, deflateSync } from 'node:zlib';
import type { RawSample } from '../src/core/data/types';

const COLOURS = 256;

/** A PNG file of an RGB image [height, width, 3] with its most frequent colours; each other one becomes the nearest of them. */
export function palettedPng({ shape, values }: RawSample): Buffer {
  const [height, width] = shape as [number, number];
  const pixels = Array.from({ length: height * width }, (_, i) => rgb(values, i));
  const palette = mostFrequent(pixels);
  const nearest = new Map<number, number>();
  const rows = Buffer.alloc(height * (width + 1));
  pixels.forEach((colour, i) => {
    let at = nearest.get(colour);
    if (at === undefined) nearest.set(colour, (at = nearestOf(palette, colour)));
    // Each row begins with the number of its filter, which is none.
    rows[i + Math.floor(i / width) + 1] = at;
  });
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const rgb = (values: RawSample['values'], pixel: number) =>
  (values[3 * pixel]! << 16) | (values[3 * pixel + 1]! << 8) | values[3 * pixel + 2]!;
const channels = (colour: number) => [colour >> 16, (colour >> 8) & 255, colour & 255];

function mostFrequent(pixels: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.slice(0, COLOURS).map(([colour]) => colour);
}

function nearestOf(palette: readonly number[], colour: number): number {
  const [r, g, b] = channels(colour) as [number, number, number];
  const distances = palette.map((other) => {
    const [otherR, otherG, otherB] = channels(other) as [number, number, number];
    return (r - otherR) ** 2 + (g - otherG) ** 2 + (b - otherB) ** 2;
  });
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
