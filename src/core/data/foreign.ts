/** Names for what people drop by mistake, so that an error can say what a file is. */
const SIGNATURES: readonly { readonly at: number; readonly bytes: string; readonly name: string }[] = [
  { at: 4, bytes: 'TFL3', name: 'a TensorFlow Lite model' },
  { at: 0, bytes: '\x89HDF', name: 'an HDF5 file (a Keras model perhaps)' },
  { at: 0, bytes: 'PAR1', name: 'a Parquet table' },
  { at: 257, bytes: 'ustar', name: 'a tar archive' },
  { at: 0, bytes: '7z\xbc\xaf', name: 'a 7-Zip archive' },
  { at: 0, bytes: 'Rar!', name: 'a RAR archive' },
  { at: 0, bytes: '%PDF', name: 'a PDF' },
  { at: 0, bytes: 'RIFF', name: 'a RIFF file (audio or video)' },
  { at: 4, bytes: 'ftyp', name: 'a video or HEIF/AVIF image' },
  { at: 0, bytes: 'II*\0', name: 'a TIFF image' },
  { at: 0, bytes: 'MM\0*', name: 'a TIFF image' },
  { at: 0, bytes: '\x80', name: 'a Python pickle' },
  { at: 0, bytes: 'PK', name: 'a zip archive inside another' },
];

export function nameOfForeign(head: Uint8Array): string {
  if (head.length === 0) return 'empty';
  return (
    SIGNATURES.find(({ at, bytes }) => [...bytes].every((c, i) => head[at + i] === c.charCodeAt(0)))?.name ??
    'of no known format'
  );
}
