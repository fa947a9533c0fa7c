/** Image files by their first bytes. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp';

const SIGNATURES: readonly { readonly format: ImageFormat; readonly at: number; readonly bytes: string }[] = [
  { format: 'jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { format: 'png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { format: 'gif', at: 0, bytes: 'GIF8' },
  { format: 'webp', at: 8, bytes: 'WEBP' },
  { format: 'bmp', at: 0, bytes: 'BM' },
];

/**
 * What can be said against an image file without decoding it, to continue "it …": that it is none, or that its end is
 * missing. Undefined where nothing can.
 */
export function imageProblem(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'is empty';
  const format = imageFormat(bytes);
  if (!format) return 'is no picture (JPEG, PNG, WebP, GIF, BMP)';
  if (format === 'webp')
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) + 8 > bytes.length ? BROKEN_OFF : undefined;
  const end = ENDS[format];
  if (!end) return undefined;
  // Cameras and editors append what is theirs.
  const tail = bytes.subarray(Math.max(0, bytes.length - TAIL));
  for (let at = tail.length - end.length; at >= 0; at--)
    if (end.every((byte, i) => tail[at + i] === byte)) return undefined;
  return BROKEN_OFF;
}

const BROKEN_OFF = 'breaks off before its end';

const TAIL = 65_536;

/** JPEG's marker EOI, PNG's chunk IEND, GIF's trailer. */
const ENDS: Readonly<Partial<Record<ImageFormat, readonly number[]>>> = {
  jpeg: [0xff, 0xd9],
  gif: [0x3b],
  png: [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82],
};

export function imageFormat(head: Uint8Array): ImageFormat | undefined {
  return SIGNATURES.find(({ at, bytes }) => [...bytes].every((c, i) => head[at + i] === c.charCodeAt(0)))?.format;
}
