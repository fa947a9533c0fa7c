/**
 * Archives as lists of files that are inflated when asked for, so that a zip of ten thousand images costs its compressed
 * size. The directory is read here because entries must be reachable one at a time; inflating is fflate's.
 * Format: PKWARE APPNOTE 6.3 (central directory, zip64 fields), RFC 1952 for gzip.
 */
import { Gunzip, Inflate, inflateSync } from 'fflate';
import { RangefinderError } from '../../base/errors';
import { crc32 } from '../../base/crc32';
import type { SourceFile } from './types';

/** A file that may have to be waited for. */
export interface DistantFile {
  readonly path: string;
  load(): Promise<Uint8Array>;
}

/** A file in memory whose bytes are produced on demand. */
export interface LazyFile extends DistantFile {
  /** Bytes once inflated. */
  readonly size: number;
  /** At least the first `length` bytes where the file has them; cheap. */
  head(length: number): Uint8Array;
  bytes(): Uint8Array;
}

const MAX_ENTRIES = 500_000;
/** One entry is inflated into one buffer. */
const MAX_ENTRY_BYTES = 2 ** 31 - 1;
/** No DEFLATE stream grows by more (RFC 1951: 258 bytes for two bits, less block overhead). */
const MAX_DEFLATE_RATIO = 1032;

/** Compressed bytes inflated at a time. */
const PUSHED = 4096;

/** Inflating this much costs less than setting up a stream for its head. */
const SMALL = 16_384;

const STORED = 0;
const DEFLATED = 8;

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

function present(file: Omit<LazyFile, 'load'>): LazyFile {
  return { ...file, load: async () => file.bytes() };
}

/** A file in memory as it is. */
export function plainFile({ path, bytes }: SourceFile): LazyFile {
  return present({ path, size: bytes.length, head: (length) => bytes.subarray(0, length), bytes: () => bytes });
}

/**
 * The files of a zip, without directories, in directory order.
 * @throws RangefinderError 'corrupt-file', 'too-large' (entry count, declared sizes), 'unsupported-feature' (encryption,
 *   methods besides store and deflate), 'invalid-data' for paths that leave the archive.
 */
export function openZip(archive: Uint8Array, where: string): LazyFile[] {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const directory = findDirectory(view, where);
  if (directory.entries > MAX_ENTRIES) throw tooLarge(`The archive lists ${directory.entries} files.`, where);
  const files: LazyFile[] = [];
  let at = directory.offset;
  for (let i = 0; i < directory.entries; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50)
      throw corrupt(`The archive's directory breaks off after ${i} of ${directory.entries} files.`, where);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const end = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (end > view.byteLength) throw corrupt('The archive ends within its directory.', where);
    const path = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameLength)).replaceAll('\\', '/');
    if (!path.endsWith('/')) files.push(zipEntry(archive, view, at, path, nameLength, extraLength, where));
    at = end;
  }
  return files;
}

/** The content of a gzip file under the same path without ".gz". */
export function openGzip({ path, bytes }: SourceFile): LazyFile {
  if (bytes.length < 18) throw corrupt('The gzip file is shorter than its frame.', path);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const crc = trailer.getUint32(0, true);
  const size = trailer.getUint32(4, true);
  checkDeclaredSize(size, bytes.length, path);
  const read = () => {
    const content = inflateOr(() => streamed(Gunzip, bytes, size, path), path);
    if (content.length !== size || crc32(content) !== crc) throw corrupt('The checksum does not match.', path);
    return content;
  };
  // Whoever asks for the head of a gzip file (there are few in a data set) reads it next.
  let content: Uint8Array | undefined;
  const kept = () => (content ??= read());
  return present({
    path: path.replace(/\.gz$/i, ''),
    size,
    head: (length) => kept().subarray(0, length),
    bytes: kept,
  });
}

function zipEntry(
  archive: Uint8Array,
  view: DataView,
  at: number,
  path: string,
  nameLength: number,
  extraLength: number,
  archiveName: string,
): LazyFile {
  const where = `${archiveName}, ${path}`;
  if (path.startsWith('/') || path.split('/').includes('..'))
    throw new RangefinderError({
      code: 'invalid-data',
      message: 'The archive holds a path that leads out of it.',
      where,
      hint: 'Pack the folder again with relative paths.',
    });
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  if (flags & 1 || (method !== STORED && method !== DEFLATED))
    throw new RangefinderError({
      code: 'unsupported-feature',
      message: flags & 1 ? 'The archive is encrypted.' : `Compression method ${method} is not read.`,
      where,
      hint: 'Pack the files again as an ordinary zip (deflate or store, no password).',
    });
  const crc = view.getUint32(at + 16, true);
  const { compressed, size, offset } = sizesOf(view, at, at + 46 + nameLength, extraLength);
  if (method === STORED && compressed !== size) throw corrupt('A stored entry declares two different sizes.', where);
  checkDeclaredSize(size, compressed, where);
  if (offset + 30 > archive.length || view.getUint32(offset, true) !== 0x04034b50)
    throw corrupt('The archive directory points outside the archive.', where);
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + compressed > archive.length) throw corrupt('The archive ends within this entry.', where);
  const packed = archive.subarray(start, start + compressed);
  if (method === STORED) {
    const checked = once(() => verified(packed, crc, size, where));
    return present({ path, size, head: (length) => packed.subarray(0, length), bytes: checked });
  }
  const inflate = () => inflateOr(() => inflated(packed, size, where), where);
  return present({
    path,
    size,
    head: (length) => (size <= SMALL ? inflate().subarray(0, length) : inflateHead(packed, length, where)),
    bytes: () => verified(inflate(), crc, size, where),
  });
}

/** Sizes and local header offset of a directory entry; the 64-bit ones stand in an extra field (APPNOTE 4.5.3). */
function sizesOf(view: DataView, at: number, extra: number, extraLength: number) {
  let compressed = view.getUint32(at + 20, true);
  let size = view.getUint32(at + 24, true);
  let offset = view.getUint32(at + 42, true);
  for (let field = extra; field + 4 <= extra + extraLength;) {
    const end = field + 4 + view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === 1 && end <= extra + extraLength) {
      let next = field + 4;
      const take = (value: number) => {
        if (value !== 0xffffffff || next + 8 > end) return value;
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      };
      size = take(size);
      compressed = take(compressed);
      offset = take(offset);
    }
    field = end;
  }
  return { compressed, size, offset };
}

/** End-of-directory record, searched from the end because a comment of up to 65,535 bytes may follow it. */
function findDirectory(view: DataView, where: string): { entries: number; offset: number } {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    const entries = view.getUint16(at + 10, true);
    const offset = view.getUint32(at + 16, true);
    if (entries !== 0xffff && offset !== 0xffffffff) return { entries, offset };
    const locator = at - 20;
    if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) return { entries, offset };
    const record = Number(view.getBigUint64(locator + 8, true));
    if (record + 56 > view.byteLength || view.getUint32(record, true) !== 0x06064b50) break;
    return {
      entries: Number(view.getBigUint64(record + 32, true)),
      offset: Number(view.getBigUint64(record + 48, true)),
    };
  }
  throw corrupt('The archive has no directory at its end.', where);
}

function checkDeclaredSize(size: number, compressed: number, where: string): void {
  if (size > MAX_ENTRY_BYTES)
    throw tooLarge(`An entry of ${(size / 2 ** 30).toFixed(1)} GiB is over the limit of 2 GiB.`, where);
  if (size > compressed * MAX_DEFLATE_RATIO + 64)
    throw corrupt(`The entry claims to grow from ${compressed} to ${size} bytes, more than DEFLATE can.`, where);
}

function verified(content: Uint8Array, crc: number, size: number, where: string): Uint8Array {
  if (content.length !== size) throw corrupt(`The entry inflates to ${content.length} of ${size} bytes.`, where);
  if (crc32(content) !== crc) throw corrupt('The checksum does not match.', where);
  return content;
}

/** Growth that is believed without looking: what is beyond is inflated bit by bit, so that a claim alone costs nothing. */
const BELIEVED_RATIO = 4;

function inflated(packed: Uint8Array, size: number, where: string): Uint8Array {
  if (size <= BELIEVED_RATIO * packed.length) return inflateSync(packed, { out: new Uint8Array(size) });
  return streamed(Inflate, packed, size, where);
}

/** The content, never holding more than `size` bytes and one chunk of it before all of it is there. */
function streamed(format: typeof Inflate | typeof Gunzip, packed: Uint8Array, size: number, where: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new format((chunk) => {
    length += chunk.length;
    if (length > size) throw corrupt(`The entry inflates to more than the ${size} bytes it claims.`, where);
    chunks.push(chunk);
  });
  for (let at = 0; at < packed.length; at += PUSHED)
    stream.push(packed.subarray(at, at + PUSHED), at + PUSHED >= packed.length);
  if (length < size) throw corrupt(`The entry inflates to ${length} of ${size} bytes.`, where);
  const content = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}

/** Inflates the beginning of a stream only. */
function inflateHead(packed: Uint8Array, length: number, where: string): Uint8Array {
  const head = new Uint8Array(length);
  let filled = 0;
  return inflateOr(() => {
    const stream = new Inflate((chunk) => {
      head.set(chunk.subarray(0, length - filled), filled);
      filled += Math.min(chunk.length, length - filled);
    });
    for (let at = 0; at < packed.length && filled < length; at += PUSHED)
      stream.push(packed.subarray(at, at + PUSHED), at + PUSHED >= packed.length);
    return head.subarray(0, filled);
  }, where);
}

function inflateOr(inflate: () => Uint8Array, where: string): Uint8Array {
  try {
    return inflate();
  } catch (error) {
    if (error instanceof RangefinderError) throw error;
    throw corrupt(`The compressed data is damaged: ${error instanceof Error ? error.message : String(error)}.`, where);
  }
}

function once(produce: () => Uint8Array): () => Uint8Array {
  let value: Uint8Array | undefined;
  return () => (value ??= produce());
}

const corrupt = (message: string, where: string) =>
  new RangefinderError({
    code: 'corrupt-file',
    message,
    where,
    hint: 'The archive is damaged: download or pack it again.',
  });

const tooLarge = (message: string, where: string) =>
  new RangefinderError({
    code: 'too-large',
    message,
    where,
    hint: 'Take a part of the data: a few thousand samples are enough.',
  });
