/**
 * Archives as lists of files that are inflated when asked for, so that a zip of ten thousand images costs its compressed
 * size. The directory is read here because entries must be reachable one at a time; inflating is fflate's.
 * Format: PKWARE APPNOTE 6.3 (central directory, zip64 fields), RFC 1952 for gzip.
 */
import { Gunzip, Inflate, inflateSync } from 'fflate';
import { RangefinderError } from '../../base/errors';
import { BUDGET, checkInflation, tooLarge } from '../../base/budget';
import { crc32 } from '../../base/crc32';
import type { SourceFile } from './types';
import { codePageOf, decodeName, type CodePage } from './zip-names';

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
  /** The entry only points at another file, as links in archives of Unix systems do. */
  readonly isLink?: boolean;
}

export interface ZipContent {
  readonly files: LazyFile[];
  /** How names beyond ASCII were read; null where all are ASCII or say themselves that they are UTF-8. */
  readonly codePage: CodePage | null;
}

/** No DEFLATE stream grows by more (RFC 1951: 258 bytes for two bits, less block overhead). */
const MAX_DEFLATE_RATIO = 1032;

/** Compressed bytes inflated at a time. */
const PUSHED = 4096;

/** Inflating this much costs less than setting up a stream for its head. */
const SMALL = 16_384;

/** Who made an entry, and the type of file that stands above its permissions (APPNOTE 4.4.2 and 4.4.15). */
const UNIX = 3;
const UNIX_LINK = 0xa;

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

/** The files of a zip, without directories, in directory order; see {@link readZip}. */
export function openZip(archive: Uint8Array, where: string): LazyFile[] {
  return readZip(archive, where).files;
}

/**
 * The same with how names were read. Something may stand before the archive, as in those that extract themselves.
 * @param codePage of names without the UTF-8 flag; found out from them where it is left out
 * @throws RangefinderError 'corrupt-file', 'too-large' (entry count, declared sizes, growth), 'unsupported-feature'
 *   (encryption, methods besides store and deflate), 'invalid-data' for paths that leave the archive.
 */
export function readZip(archive: Uint8Array, where: string, codePage?: CodePage): ZipContent {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const directory = findDirectory(view, where);
  if (directory.entries > BUDGET.entries) throw tooLarge(`The archive lists ${directory.entries} files.`, where);
  const entries: { at: number; name: Uint8Array; extraLength: number; isUtf8: boolean }[] = [];
  let at = directory.offset;
  for (let i = 0; i < directory.entries; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50)
      throw corrupt(`The archive's directory breaks off after ${i} of ${directory.entries} files.`, where);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const end = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (end > view.byteLength) throw corrupt('The archive ends within its directory.', where);
    const isUtf8 = (view.getUint16(at + 8, true) & UTF8_NAMES) !== 0;
    entries.push({ at, name: archive.subarray(at + 46, at + 46 + nameLength), extraLength, isUtf8 });
    at = end;
  }
  const unmarked = entries.flatMap(({ name, isUtf8 }) => (isUtf8 ? [] : [name]));
  const found = codePage ?? codePageOf(unmarked);
  const files: LazyFile[] = [];
  const spans: Span[] = [];
  for (const { at, name, extraLength, isUtf8 } of entries) {
    const path = decodeName(name, isUtf8 ? 'UTF-8' : found).replaceAll('\\', '/');
    if (path.endsWith('/')) continue;
    const entry = zipEntry(archive, view, { at, path, nameLength: name.length, extraLength, where, ...directory });
    files.push(entry.file);
    spans.push(entry.span);
  }
  checkSpans(spans, where);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  if (total > BUDGET.bytes.dataArchive)
    throw tooLarge(`The archive unpacks to ${Math.round(total / 2 ** 30)} GiB in all.`, where);
  const isOdd = unmarked.some((name) => name.some((byte) => byte >= 128));
  return { files, codePage: isOdd ? found : null };
}

/** Bit 11 of an entry's flags: its name is UTF-8 (APPNOTE 4.4.4). */
const UTF8_NAMES = 0x800;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Entries that share bytes unpack to any amount (D. Fifield, "A better zip bomb", 2019); honest archives have none. */
function checkSpans(spans: readonly Span[], where: string): void {
  let end = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < end) throw corrupt('Files of the archive lie over one another.', where);
    end = span.end;
  }
}

/** The content of a gzip file under the same path without ".gz"; of several members, one after the other. */
export function openGzip({ path, bytes }: SourceFile): LazyFile {
  if (bytes.length < 18) throw corrupt('The gzip file is shorter than its frame.', path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The last member says its size; what it claims is known before anything is inflated. A file that is cut off says nothing.
  const claimed = view.getUint32(bytes.length - 4, true);
  if (claimed <= bytes.length * MAX_DEFLATE_RATIO) checkInflation(claimed, bytes.length, path);
  // Whoever asks for the head of a gzip file (there are few in a data set) reads it next.
  const content = once(() => inflateOr(() => gunzipped(bytes, view, path), path));
  return {
    path: path.replace(/\.gz$/i, ''),
    get size() {
      return content().length;
    },
    head: (length) => content().subarray(0, length),
    bytes: content,
    load: async () => content(),
  };
}

/** All members of a gzip file, each checked against the checksum and the size behind it (RFC 1952, 2.3.1). */
function gunzipped(bytes: Uint8Array, view: DataView, path: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let memberStart = 0;
  const endMember = (at: number) => {
    const member = joined(chunks.splice(memberStart));
    chunks[memberStart++] = member;
    if (
      at < 8 ||
      member.length % 2 ** 32 !== view.getUint32(at - 4, true) ||
      crc32(member) !== view.getUint32(at - 8, true)
    )
      throw corrupt('The checksum does not match.', path);
  };
  const stream = new Gunzip((chunk) => {
    length += chunk.length;
    checkInflation(length, bytes.length, path);
    chunks.push(chunk);
  });
  stream.onmember = endMember;
  for (let at = 0; at < bytes.length; at += PUSHED)
    stream.push(bytes.subarray(at, at + PUSHED), at + PUSHED >= bytes.length);
  endMember(bytes.length);
  return joined(chunks);
}

interface EntryPlace {
  /** Of its row in the directory. */
  readonly at: number;
  readonly path: string;
  readonly nameLength: number;
  readonly extraLength: number;
  readonly where: string;
  /** Bytes before the archive, which its offsets do not count. */
  readonly prefix: number;
}

function zipEntry(archive: Uint8Array, view: DataView, place: EntryPlace): { file: LazyFile; span: Span } {
  const { at, path, nameLength, extraLength, where: archiveName, prefix } = place;
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
  const { compressed, size, offset: declared } = sizesOf(view, at, at + 46 + nameLength, extraLength);
  const offset = declared + prefix;
  if (method === STORED && compressed !== size) throw corrupt('A stored entry declares two different sizes.', where);
  checkDeclaredSize(size, compressed, where);
  if (offset + 30 > archive.length || view.getUint32(offset, true) !== 0x04034b50)
    throw corrupt('The archive directory points outside the archive.', where);
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + compressed > archive.length) throw corrupt('The archive ends within this entry.', where);
  const packed = archive.subarray(start, start + compressed);
  const span = { start: offset, end: start + compressed };
  const isLink = view.getUint8(at + 5) === UNIX && view.getUint32(at + 38, true) >>> 28 === UNIX_LINK;
  if (method === STORED) {
    const checked = once(() => verified(packed, crc, size, where));
    const file = present({ path, size, isLink, head: (length) => packed.subarray(0, length), bytes: checked });
    return { file, span };
  }
  const inflate = () => inflateOr(() => inflated(packed, size, where), where);
  const file = present({
    path,
    size,
    isLink,
    head: (length) => (size <= SMALL ? inflate().subarray(0, length) : inflateHead(packed, length, where)),
    bytes: () => verified(inflate(), crc, size, where),
  });
  return { file, span };
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

interface Directory {
  readonly entries: number;
  readonly offset: number;
  /** Bytes before the archive, which its offsets do not count. */
  readonly prefix: number;
}

/** Whether bytes that do not begin like a zip end like one: an archive that extracts itself. */
export function endsAsZip(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const { entries, offset } = findDirectory(view, '');
    return entries > 0 && offset + 4 <= view.byteLength && view.getUint32(offset, true) === 0x02014b50;
  } catch {
    return false;
  }
}

/**
 * End-of-directory record, searched from the end because a comment of up to 65,535 bytes may follow it. A comment may hold
 * what looks like one: that whose own comment ends where the file does is believed, and the last where none does.
 */
function findDirectory(view: DataView, where: string): Directory {
  const places: number[] = [];
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--)
    if (view.getUint32(at, true) === 0x06054b50) places.push(at);
  const at = places.find((place) => place + 22 + view.getUint16(place + 20, true) === view.byteLength) ?? places[0];
  if (at === undefined) throw corrupt('The archive has no directory at its end.', where);
  const entries = view.getUint16(at + 10, true);
  const size = view.getUint32(at + 12, true);
  const offset = view.getUint32(at + 16, true);
  const prefix = Math.max(0, at - size - offset);
  const found = { entries, offset: offset + prefix, prefix };
  if (entries !== 0xffff && offset !== 0xffffffff) return found;
  const locator = at - 20;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) return found;
  const record = Number(view.getBigUint64(locator + 8, true));
  if (record + 56 > view.byteLength || view.getUint32(record, true) !== 0x06064b50)
    throw corrupt('The archive has no directory at its end.', where);
  return {
    entries: Number(view.getBigUint64(record + 32, true)),
    offset: Number(view.getBigUint64(record + 48, true)),
    prefix: 0,
  };
}

function checkDeclaredSize(size: number, compressed: number, where: string): void {
  if (size <= BUDGET.bytes.entry && size > compressed * MAX_DEFLATE_RATIO + 64)
    throw corrupt(`The entry claims to grow from ${compressed} to ${size} bytes, more than DEFLATE can.`, where);
  checkInflation(size, compressed, where);
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
  return streamed(packed, size, where);
}

/** The content, never holding more than `size` bytes and one chunk of it before all of it is there. */
function streamed(packed: Uint8Array, size: number, where: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate((chunk) => {
    length += chunk.length;
    if (length > size) throw corrupt(`The entry inflates to more than the ${size} bytes it claims.`, where);
    chunks.push(chunk);
  });
  for (let at = 0; at < packed.length; at += PUSHED)
    stream.push(packed.subarray(at, at + PUSHED), at + PUSHED >= packed.length);
  if (length < size) throw corrupt(`The entry inflates to ${length} of ${size} bytes.`, where);
  return joined(chunks);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  const content = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
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
