/** Image files by their first bytes. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp';

const SIGNATURES: readonly { readonly format: ImageFormat; readonly at: number; readonly bytes: string }[] = [
  { format: 'jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { format: 'png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { format: 'gif', at: 0, bytes: 'GIF8' },
  { format: 'webp', at: 8, bytes: 'WEBP' },
  { format: 'bmp', at: 0, bytes: 'BM' },
];

export function imageFormat(head: Uint8Array): ImageFormat | undefined {
  return SIGNATURES.find(({ at, bytes }) => [...bytes].every((c, i) => head[at + i] === c.charCodeAt(0)))?.format;
}
